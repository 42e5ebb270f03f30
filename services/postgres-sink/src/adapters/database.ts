import { migrate as migrateSchema } from '@backhaul/postgres'
import pg from 'pg'
import * as migration1 from '../migrations/1-returns.ts'
import { toFault } from './faults.ts'

const schema = 'returns'
const migrations = { '1-returns': migration1 }

/** One connection for each partition that is written at the same time. */
const CONNECTIONS = 10
const CONNECT_TIMEOUT_MS = 5_000
/** A batch takes tens of milliseconds; a lock is held by a batch, or by an owner that is being fenced. */
const LOCK_TIMEOUT_MS = 15_000
const STATEMENT_TIMEOUT_MS = 60_000
/** An owner that hangs inside a transaction must not hold its partition for ever. */
const IDLE_IN_TRANSACTION_MS = 15_000
/** Longer than the server's own limit: ends what a silent network keeps open. */
const ANSWER_TIMEOUT_MS = 75_000

/**
 * Brings the schema `returns` up to date.
 *
 * @throws Fault `POSTGRES_UNAVAILABLE`, retryable.
 */
export const migrate = (url: string): Promise<void> => migrateSchema({ url, schema, migrations })

/** A pool for the hot statements; connects when it is first used. `onError`: a connection that was not in use was lost. */
export function openPool(url: string, onError: (error: Error) => void): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    options: `-c search_path=${schema}`,
    application_name: 'postgres-sink',
    max: CONNECTIONS,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
  })
  pool.on('error', onError)
  return pool
}

/**
 * Runs one transaction: all of `work` or nothing.
 *
 * @throws Fault `POSTGRES_UNAVAILABLE` or `POSTGRES_CONFLICT`, retryable. After an error in COMMIT it is not known
 *   whether it happened: read what is stored before going on. `RETURN_ORDER_UNSTORABLE`: known bad data.
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  let client: pg.PoolClient | undefined
  try {
    client = await pool.connect()
    // Without a listener a connection lost between two statements would end the process.
    client.on('error', ignore)
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    client.off('error', ignore)
    client.release()
    return result
  } catch (error) {
    // A connection in an unknown state is thrown away; the server rolls back.
    client?.release(true)
    throw toFault(error)
  }
}

const ignore = () => {}
