import { migrate, openKnex, toFault } from '@backhaul/postgres'
import type { Knex } from 'knex'
import * as migration1 from '../migrations/1-orders.ts'
import * as migration2 from '../migrations/2-content-unknown.ts'
import type { Published } from '../steps/decide.ts'

const CONNECTIONS = 10
const schema = 'orders'
const migrations = { '1-orders': migration1, '2-content-unknown': migration2 }

/** Rows of one statement. */
const ROWS_PER_INSERT = 500
/** Another instance may publish for the same tenant; it is done long before, or hangs. */
const LOCK_TIMEOUT_MS = 5_000
/** Longer than Kafka keeps a transaction open (10 s, looked for every 10 s): who loses the lock can publish no more. */
const LOCK_HELD_MS = 30_000

/** What a call is decided to do. */
export interface Plan {
  readonly notes: readonly Published[]
  /** Publishes the orders; undefined when nothing is to be published. */
  readonly publish: (() => Promise<void>) | undefined
}

/** Versions and digests of published orders, in Postgres; no order is kept here. All throw Fault `POSTGRES_…`, retryable. */
export class PublishedOrders {
  readonly #db: Knex

  private constructor(db: Knex) {
    this.#db = db
  }

  static async open(url: string): Promise<PublishedOrders> {
    await migrate({ url, schema, migrations })
    return new PublishedOrders(openKnex({ url, schema }, CONNECTIONS))
  }

  close(): Promise<void> {
    return this.#db.destroy()
  }

  /**
   * Lets a call publish while no other call of its tenant does, in any instance:
   *
   * 1. note versions, content unknown  fails → nothing is published; the caller sends the orders again
   * 2. publish                         fails → it may have happened: older ones are stale from now on, the same ones are
   *                                    published once more when they are sent again, harmlessly
   * 3. note content                    fails → as 2
   */
  async update(
    tenantId: string,
    keys: readonly string[],
    plan: (known: ReadonlyMap<string, Published>) => Plan,
  ): Promise<void> {
    const lock = await ask(() => this.#db.transaction())
    try {
      const { notes, publish } = plan(await ask(() => lockedAndKnown(lock, tenantId, keys)))
      if (publish) {
        const unknown = notes.map((note) => ({ ...note, digest: null }))
        await ask(() => this.#db.transaction((tx) => save(tx, tenantId, unknown)))
        await publish()
      }
      await ask(() => save(lock, tenantId, notes))
      await ask(() => lock.commit())
    } catch (error) {
      // A connection that was lost has let go of the lock already.
      await lock.rollback().catch(() => {})
      throw error
    }
  }
}

async function lockedAndKnown(
  lock: Knex.Transaction,
  tenantId: string,
  keys: readonly string[],
): Promise<Map<string, Published>> {
  await lock.raw(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`)
  await lock.raw(`SET LOCAL idle_in_transaction_session_timeout = ${LOCK_HELD_MS}`)
  await lock.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 1))', [tenantId])
  const rows = await lock('published')
    .where({ tenant_id: tenantId })
    .whereRaw('key = ANY(?)', [[...keys]])
  return new Map(
    rows.map(({ key, source_version, digest }) => [
      key,
      { key, sourceVersion: Number(source_version), digest },
    ]),
  )
}

async function save(tx: Knex.Transaction, tenantId: string, notes: readonly Published[]): Promise<void> {
  for (let at = 0; at < notes.length; at += ROWS_PER_INSERT) {
    const rows = notes.slice(at, at + ROWS_PER_INSERT).map(({ key, sourceVersion, digest }) => ({
      key,
      tenant_id: tenantId,
      source_version: sourceVersion,
      digest,
    }))
    await tx('published').insert(rows).onConflict('key').merge(['source_version', 'digest'])
  }
}

async function ask<T>(work: () => PromiseLike<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toFault(error)
  }
}
