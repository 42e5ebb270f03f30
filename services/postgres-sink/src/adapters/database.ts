import { Fault } from '@backhaul/domain'
import knex, { type Knex } from 'knex'
import pg from 'pg'
import * as migration1 from '../migrations/1-returns.ts'

const SCHEMA = 'returns'
const migrations: Readonly<Record<string, { up: (db: Knex) => Promise<void> }>> = { '1-returns': migration1 }

/** Brings the schema `returns` up to date. */
export async function migrate(url: string): Promise<void> {
  const db = knex({ client: 'pg', connection: url, searchPath: [SCHEMA], pool: { min: 0, max: 1 } })
  try {
    await db.raw(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`)
    await db.migrate.latest({
      schemaName: SCHEMA,
      migrationSource: {
        getMigrations: async () => Object.keys(migrations),
        getMigrationName: (name: string) => name,
        getMigration: async (name: string) => ({
          up: (migrations[name] as { up: (db: Knex) => Promise<void> }).up,
          down: async () => {},
        }),
      },
    })
  } finally {
    await db.destroy()
  }
}

/** A pool for the hot statements. */
export function openPool(url: string, onError: (error: Error) => void): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 10, options: `-c search_path=${SCHEMA}` })
  pool.on('error', onError)
  return pool
}

/** Classes of SQLSTATE that pass by waiting: connection, resources, operator intervention, rollback, locks. */
const PASSING = /^(08|53|57|40|55)/
const PASSING_NETWORK = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH)/

/** Runs one transaction; what passes by waiting becomes a retryable Fault, anything else is thrown as it is. */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  let client: pg.PoolClient | undefined
  try {
    client = await pool.connect()
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    client.release()
    return result
  } catch (error) {
    // A connection in an unknown state is thrown away; the server rolls back.
    client?.release(true)
    throw isPassing(error) ? unavailable(error) : error
  }
}

function isPassing(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string }
  return (
    PASSING.test(code) || PASSING_NETWORK.test(code) || /Connection terminated|timeout exceeded/.test(message)
  )
}

const unavailable = (cause: unknown) =>
  new Fault('POSTGRES_UNAVAILABLE', `Postgres does not answer: ${(cause as Error).message}`, {
    retryable: true,
    cause,
  })
