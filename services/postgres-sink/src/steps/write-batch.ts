import type pg from 'pg'
import { inTransaction } from '../adapters/database.ts'
import { movePosition, type Owned } from './positions.ts'
import type { Change } from './read-return.ts'
import { reduce } from './reduce.ts'
import { insertVersions, markDeleted, type Upserted, upsertReturns } from './upsert.ts'

/** Rows by outcome: `stale` are returns whose stored version is as new or newer. */
export interface Written extends Upserted {
  readonly stale: number
  readonly deleted: number
  readonly versions: number
}

/** Changes in the order of the log, and the offset behind them. */
export interface Batch {
  readonly owned: Owned
  readonly changes: readonly Change[]
  readonly nextOffset: bigint
}

/**
 * Stores changes and the position behind them in one transaction: exactly once, whatever Kafka remembers.
 *
 * @throws Fault `FENCED`, `POSTGRES_UNAVAILABLE`, `POSTGRES_CONFLICT`: retryable by opening the partition again.
 *   `RETURN_ORDER_UNSTORABLE`: one of the changes is bad; nothing was stored.
 */
export function writeBatch(pool: pg.Pool, { owned, changes, nextOffset }: Batch): Promise<Written> {
  const { events, deletions } = reduce(changes)
  const versions = changes.flatMap((change) => (change.kind === 'event' ? [change.event] : []))
  return inTransaction(pool, async (client) => {
    // First: a late owner learns at once, and the next owner waits here until this batch is through.
    await movePosition(client, owned, nextOffset)
    const upserted = await upsertReturns(client, events)
    return {
      ...upserted,
      stale: events.length - upserted.inserted - upserted.updated,
      versions: await insertVersions(client, versions),
      deleted: await markDeleted(client, deletions),
    }
  })
}
