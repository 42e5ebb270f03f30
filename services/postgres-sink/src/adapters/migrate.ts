import knex, { type Knex } from 'knex'
import * as migration1 from '../migrations/1-returns.ts'
import { toFault } from './postgres.ts'

const SCHEMA = 'returns'

/** Held while migrating, so that instances that start together go one after the other. Any number of our own. */
const MIGRATION_LOCK = 7_360_001

const migrations: Readonly<Record<string, { up: (db: Knex) => Promise<void> }>> = { '1-returns': migration1 }

/**
 * Brings schema `returns` up to date.
 *
 * @throws Fault `POSTGRES_UNAVAILABLE`, retryable.
 */
export async function migrate(url: string): Promise<void> {
  // Two connections: one holds the lock, the other migrates.
  const db = knex({ client: 'pg', connection: url, pool: { min: 0, max: 2 } })
  const config: Knex.MigratorConfig = {
    schemaName: SCHEMA,
    tableName: 'migrations',
    migrationSource: {
      getMigrations: async () => Object.keys(migrations),
      getMigrationName: (name: string) => name,
      getMigration: async (name: string) => {
        const { up } = migrations[name] as { up: (db: Knex) => Promise<void> }
        return { up, down: async () => {} }
      },
    },
  }
  try {
    await db.transaction(async (lock) => {
      await lock.raw('SELECT pg_advisory_xact_lock(?)', [MIGRATION_LOCK])
      await db.raw(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`)
      // What a killed start left behind; under our own lock nobody else migrates.
      await db.migrate.forceFreeMigrationsLock(config)
      await db.migrate.latest(config)
    })
  } catch (error) {
    throw toFault(error)
  } finally {
    await db.destroy()
  }
}
