import knex, { type Knex } from 'knex'
import { toFault } from './faults.ts'

/** A schema of one service: nobody else writes to it. */
export interface OwnedSchema {
  /** `postgres://user:password@host/database`. */
  readonly url: string
  readonly schema: string
  /** By name, in the order of their making; a released one never changes. */
  readonly migrations: Readonly<Record<string, { up(db: Knex): Promise<void> }>>
}

const ACQUIRE_TIMEOUT_MS = 10_000

/** What knex would print is thrown as well, and told there. */
const silent = { debug() {}, warn() {}, error() {}, deprecate() {} }

/** A pool whose statements find the schema's tables first. Connects when it is first used. */
export const openKnex = ({ url, schema }: Pick<OwnedSchema, 'url' | 'schema'>, connections: number): Knex =>
  knex({
    client: 'pg',
    connection: url,
    searchPath: [schema],
    pool: { min: 0, max: connections },
    acquireConnectionTimeout: ACQUIRE_TIMEOUT_MS,
    log: silent,
  })

/**
 * Brings a schema up to date. Instances that start together go one after the other.
 *
 * @throws Fault `POSTGRES_UNAVAILABLE` or `POSTGRES_CONFLICT`, retryable.
 */
export async function migrate(owned: OwnedSchema): Promise<void> {
  const { schema, migrations } = owned
  const config: Knex.MigratorConfig = {
    schemaName: schema,
    migrationSource: {
      getMigrations: async () => Object.keys(migrations),
      getMigrationName: (name: string) => name,
      getMigration: async (name: string) => ({
        up: (migrations[name] as { up(db: Knex): Promise<void> }).up,
        down: async () => {},
      }),
    },
  }
  // Two connections: one holds the lock, the other migrates.
  const db = openKnex(owned, 2)
  try {
    await db.transaction(async (lock) => {
      await lock.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [`migrations of ${schema}`])
      await db.raw('CREATE SCHEMA IF NOT EXISTS ??', [schema])
      // knex's own lock outlives a killed process; under ours nobody else can be migrating.
      await db.migrate.forceFreeMigrationsLock(config)
      await db.migrate.latest(config)
    })
  } catch (error) {
    throw toFault(error)
  } finally {
    await db.destroy()
  }
}
