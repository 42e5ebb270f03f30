import type { ReturnOrder } from '@backhaul/domain'
import type pg from 'pg'
import { inTransaction } from '../adapters/postgres.ts'
import { moveTo, type Ownership } from '../ownership.ts'
import { upsertItems } from '../tables/return-order-items.ts'
import { dropOldParcels, upsertParcels } from '../tables/return-order-parcels.ts'
import { keepVersions } from '../tables/return-order-versions.ts'
import { upsertReturnOrders } from '../tables/return-orders.ts'
import type { NamedStatement } from '../tables/table.ts'
import { type DeletionChange, newest } from './newest.ts'
import type { Change } from './read-return.ts'

/** Rows by outcome: `stale` are returns whose stored version is as new or newer. */
export interface Written {
  readonly inserted: number
  readonly updated: number
  readonly stale: number
  readonly deleted: number
  readonly items: number
  readonly parcels: number
  readonly versions: number
}

export interface Batch {
  readonly owned: Ownership
  readonly changes: readonly Change[]
  readonly nextOffset: bigint
}

/**
 * Stores changes and the position behind them in one transaction: exactly once, whatever Kafka remembers.
 *
 * I5: older versions change nothing; items and parcels are written only for returns whose header was (A4).
 *
 * @throws Fault `PARTITION_TAKEN_OVER`, `POSTGRES_UNAVAILABLE`, `POSTGRES_CONFLICT`: retryable by opening the partition
 *   again. `RETURN_ORDER_UNSTORABLE`: one of the changes is bad; nothing was stored.
 */
export function writeBatch(pool: pg.Pool, { owned, changes, nextOffset }: Batch): Promise<Written> {
  const { events, deletions } = newest(changes)
  const all = changes.flatMap((change) => (change.kind === 'event' ? [change.event] : []))
  return inTransaction(pool, async (client) => {
    // First, as it also makes an owner of another epoch wait until this one is through.
    await moveTo(client, owned, nextOffset)
    const rows = await run(client, upsertReturnOrders, events)
    const inserted = rows.filter((row) => row.inserted).length
    const written = new Set(rows.map((row) => `${row.tenant_id}|${row.return_order_id}`))
    const winners = events.map(({ event }) => event).filter((event) => written.has(keyOf(event)))
    const items = winners.flatMap((event) => event.items.map((item) => ({ event, item })))
    const parcels = winners.flatMap((event) => event.parcels.map((parcel) => ({ event, parcel })))
    await run(client, upsertItems, items)
    await run(client, upsertParcels, parcels)
    if (rows.length > inserted) await run(client, dropOldParcels, winners)
    const versions = await count(client, keepVersions, all)
    const deleted = await markDeleted(client, deletions)
    return {
      inserted,
      updated: rows.length - inserted,
      stale: events.length - rows.length,
      deleted,
      items: items.length,
      parcels: parcels.length,
      versions,
    }
  })
}

/** Ids are compared as Postgres writes them back: a uuid in lower case. */
const keyOf = (event: ReturnOrder): string => `${event.tenantId}|${event.returnOrderId.toLowerCase()}`

/** The row and its version stay, so that an old event does not bring a deleted return back. */
async function markDeleted(client: pg.ClientBase, deletions: readonly DeletionChange[]): Promise<number> {
  if (deletions.length === 0) return 0
  const { rowCount } = await client.query({
    name: 'return_orders-delete',
    text: `UPDATE returns.return_orders t SET deleted_at = d.deleted_at
FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) AS d (return_order_id, source_offset, deleted_at)
WHERE t.return_order_id = d.return_order_id AND t.source_offset < d.source_offset AND t.deleted_at IS NULL`,
    values: [
      deletions.map((d) => d.returnOrderId),
      deletions.map((d) => d.offset),
      deletions.map((d) => new Date(d.deletedAt).toISOString()),
    ],
  })
  return rowCount ?? 0
}

async function run<R>(client: pg.ClientBase, statement: NamedStatement<R>, rows: readonly R[]) {
  if (rows.length === 0) return []
  const { name, text, values } = statement
  return (await client.query({ name, text, values: values(rows) })).rows
}

async function count<R>(client: pg.ClientBase, statement: NamedStatement<R>, rows: readonly R[]) {
  if (rows.length === 0) return 0
  const { name, text, values } = statement
  return (await client.query({ name, text, values: values(rows) })).rowCount ?? 0
}
