import knex, { type Knex } from 'knex'
import * as migration1 from '../migrations/1-settings.ts'

export const SCHEMA = 'config'

const migrations: Readonly<Record<string, { up: (db: Knex) => Promise<void> }>> = { '1-settings': migration1 }

/** Opens Postgres and brings this service's schema up to date. */
export async function openDatabase(url: string): Promise<Knex> {
  const db = knex({ client: 'pg', connection: url, searchPath: [SCHEMA], pool: { min: 0, max: 10 } })
  await db.raw(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`)
  await db.migrate.latest({
    schemaName: SCHEMA,
    migrationSource: {
      getMigrations: async () => Object.keys(migrations),
      getMigrationName: (name: string) => name,
      getMigration: async (name: string) => {
        const { up } = migrations[name] as { up: (db: Knex) => Promise<void> }
        return { up, down: async () => {} }
      },
    },
  })
  return db
}
