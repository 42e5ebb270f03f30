import type { Money, ReturnItem, ReturnOrder, ReturnParcel } from '@backhaul/domain'
import type { PoolClient } from 'pg'
import type { Deletion, EventChange } from './read-return.ts'

/** How one column is written: its type in Postgres and its value. */
type Columns<T> = Readonly<Record<string, readonly [type: string, value: (row: T) => unknown]>>

const instant = (ms: number) => new Date(ms).toISOString()
const minor = (money: Money | null) => money?.amountMinor ?? null
const currency = (money: Money | null) => money?.currency ?? null

const orderColumns: Columns<EventChange> = {
  return_order_id: ['text', ({ event }) => event.returnOrderId],
  tenant_id: ['text', ({ event }) => event.tenantId],
  generation: ['int', ({ event }) => event.generation],
  version: ['bigint', ({ event }) => event.version],
  source_offset: ['bigint', ({ offset }) => offset],
  origin: ['text', ({ event }) => event.origin],
  integration_id: ['text', ({ event }) => event.integrationId],
  channel_id: ['text', ({ event }) => event.channelId],
  marketplace_id: ['text', ({ event }) => event.marketplaceId],
  order_reference: ['text', ({ event }) => event.orderReference],
  order_source_rma_id: ['text', ({ event }) => event.orderSourceRmaId],
  merchant_rma_id: ['text', ({ event }) => event.merchantRmaId],
  link_status: ['text', ({ event }) => event.link.status],
  link_reason: ['text', ({ event }) => event.link.reason],
  link_detail: ['text', ({ event }) => event.link.detail],
  sales_order_id: ['text', ({ event }) => event.link.salesOrderId],
  status: ['text', ({ event }) => event.status],
  amazon_status: ['text', ({ event }) => event.amazonStatus],
  resolution: ['text', ({ event }) => event.resolution],
  requested_on: ['date', ({ event }) => event.requestedOn],
  ordered_on: ['date', ({ event }) => event.orderedOn],
  delivered_on: ['date', ({ event }) => event.deliveredOn],
  in_policy: ['boolean', ({ event }) => event.inPolicy],
  is_prime: ['boolean', ({ event }) => event.isPrime],
  a_to_z_claim: ['boolean', ({ event }) => event.aToZClaim],
  first_imported_at: ['timestamptz', ({ event }) => instant(event.firstImportedAt)],
  changed_at: ['timestamptz', ({ event }) => instant(event.changedAt)],
  event: ['jsonb', ({ event }) => JSON.stringify(event)],
}

/** The return that an item or parcel belongs to. */
type Part = Pick<ReturnOrder, 'tenantId' | 'returnOrderId'>

type Item = ReturnItem & Part

const itemColumns: Columns<Item> = {
  return_item_id: ['text', (i) => i.returnItemId],
  return_order_id: ['text', (i) => i.returnOrderId],
  tenant_id: ['text', (i) => i.tenantId],
  removed: ['boolean', (i) => i.removed],
  link_status: ['text', (i) => i.link.status],
  link_reason: ['text', (i) => i.link.reason],
  sku: ['text', (i) => i.sku],
  asin: ['text', (i) => i.asin],
  title: ['text', (i) => i.title],
  quantity: ['int', (i) => i.quantity],
  ordered_quantity: ['int', (i) => i.orderedQuantity],
  variation_id: ['text', (i) => i.variationId],
  sales_order_item_id: ['text', (i) => i.salesOrderItemId],
  kit_sku: ['text', (i) => i.kitSku],
  reason_raw: ['text', (i) => i.reason.raw],
  reason_code: ['text', (i) => i.reason.code],
  return_reason_id: ['text', (i) => i.reason.returnReasonId],
  refunded_minor: ['bigint', (i) => minor(i.refunded)],
  refunded_currency: ['text', (i) => currency(i.refunded)],
  order_amount_minor: ['bigint', (i) => minor(i.orderAmount)],
  order_amount_currency: ['text', (i) => currency(i.orderAmount)],
  // unnest would take an array of arrays apart: flags travel as JSON.
  flags: ['jsonb', (i) => JSON.stringify(i.flags)],
}

type Parcel = ReturnParcel & Part

const parcelColumns: Columns<Parcel> = {
  parcel_id: ['text', (p) => p.parcelId],
  return_order_id: ['text', (p) => p.returnOrderId],
  tenant_id: ['text', (p) => p.tenantId],
  tracking_number: ['text', (p) => p.trackingNumber],
  carrier: ['text', (p) => p.carrier],
  status: ['text', (p) => p.status],
  label_type: ['text', (p) => p.labelType],
  label_cost_minor: ['bigint', (p) => minor(p.labelCost)],
  label_cost_currency: ['text', (p) => currency(p.labelCost)],
  label_paid_by: ['text', (p) => p.labelPaidBy],
  delivered_on: ['date', (p) => p.deliveredOn],
}

const versionColumns: Columns<ReturnOrder> = {
  return_order_id: ['text', (r) => r.returnOrderId],
  tenant_id: ['text', (r) => r.tenantId],
  generation: ['int', (r) => r.generation],
  version: ['bigint', (r) => r.version],
  changed_at: ['timestamptz', (r) => instant(r.changedAt)],
  changes: ['jsonb', (r) => JSON.stringify(r.changes)],
  event: ['jsonb', (r) => JSON.stringify(r)],
}

const columnList = (columns: object) => Object.keys(columns).join(', ')

const unnest = <T>(columns: Columns<T>) =>
  Object.values(columns)
    .map(([type], n) => `$${n + 1}::${type}[]`)
    .join(', ')

const overwrite = (columns: object, key: string) =>
  Object.keys(columns)
    .filter((name) => name !== key)
    .map((name) => `${name} = excluded.${name}`)
    .join(', ')

/** One array a column: the statement's text never changes, so that Postgres plans it once. */
const arrays = <T>(columns: Columns<T>, rows: readonly T[]): unknown[][] =>
  Object.values(columns).map(([, value]) => rows.map(value))

const UPSERT_ORDERS = `
  INSERT INTO return_orders AS t (${columnList(orderColumns)})
  SELECT * FROM unnest(${unnest(orderColumns)})
  ON CONFLICT (return_order_id) DO UPDATE SET ${overwrite(orderColumns, 'return_order_id')}, deleted_at = NULL
  WHERE (excluded.generation, excluded.version) > (t.generation, t.version)
  RETURNING return_order_id, (t.xmax = 0) AS inserted`

const itemSource = Object.keys(itemColumns)
  .map((name) => (name === 'flags' ? 'ARRAY(SELECT jsonb_array_elements_text(s.flags))' : `s.${name}`))
  .join(', ')

const INSERT_ITEMS = `
  INSERT INTO return_order_items (${columnList(itemColumns)})
  SELECT ${itemSource} FROM unnest(${unnest(itemColumns)}) AS s(${columnList(itemColumns)})`

const INSERT_PARCELS = `
  INSERT INTO return_order_parcels (${columnList(parcelColumns)})
  SELECT * FROM unnest(${unnest(parcelColumns)})`

const DELETE_ITEMS = 'DELETE FROM return_order_items WHERE return_order_id = ANY($1::text[])'
const DELETE_PARCELS = 'DELETE FROM return_order_parcels WHERE return_order_id = ANY($1::text[])'

const INSERT_VERSIONS = `
  INSERT INTO return_order_versions (${columnList(versionColumns)})
  SELECT * FROM unnest(${unnest(versionColumns)})
  ON CONFLICT DO NOTHING`

const MARK_DELETED = `
  UPDATE return_orders AS t SET deleted_at = d.deleted_at
  FROM unnest($1::text[], $2::bigint[], $3::timestamptz[]) AS d (return_order_id, source_offset, deleted_at)
  WHERE t.return_order_id = d.return_order_id AND t.source_offset < d.source_offset AND t.deleted_at IS NULL`

/** Rows written, by table. */
export interface Upserted {
  readonly inserted: number
  readonly updated: number
  readonly items: number
  readonly parcels: number
}

/**
 * Writes returns with their items and parcels, where the version is greater than what is there (A4). The others were
 * behind: neither their header nor their parts are touched.
 *
 * @param events Sorted by id, one a return.
 */
export async function upsertReturns(client: PoolClient, events: readonly EventChange[]): Promise<Upserted> {
  if (events.length === 0) return { inserted: 0, updated: 0, items: 0, parcels: 0 }
  const values = arrays(orderColumns, events)
  const { rows } = await client.query({ name: 'upsert-returns', text: UPSERT_ORDERS, values })
  const inserted = new Map(rows.map((r) => [r.return_order_id as string, r.inserted as boolean]))
  const winners = events.map((e) => e.event).filter((e) => inserted.has(e.returnOrderId))
  const updated = winners.map((e) => e.returnOrderId).filter((id) => !inserted.get(id))
  const items: Item[] = winners.flatMap((e) => e.items.map((i) => ({ ...i, ...partOf(e) })))
  const parcels: Parcel[] = winners.flatMap((e) => e.parcels.map((p) => ({ ...p, ...partOf(e) })))
  // Parts of the version before give way to those of this one: whatever came between, the newest event is what stands.
  if (updated.length > 0) {
    await client.query({ name: 'delete-items', text: DELETE_ITEMS, values: [updated] })
    await client.query({ name: 'delete-parcels', text: DELETE_PARCELS, values: [updated] })
  }
  if (items.length > 0) {
    await client.query({ name: 'insert-items', text: INSERT_ITEMS, values: arrays(itemColumns, items) })
  }
  if (parcels.length > 0) {
    const parcelValues = arrays(parcelColumns, parcels)
    await client.query({ name: 'insert-parcels', text: INSERT_PARCELS, values: parcelValues })
  }
  return {
    inserted: winners.length - updated.length,
    updated: updated.length,
    items: items.length,
    parcels: parcels.length,
  }
}

const partOf = ({ tenantId, returnOrderId }: ReturnOrder): Part => ({ tenantId, returnOrderId })

/** Keeps every version that was ever read; says how many were new. */
export async function insertVersions(client: PoolClient, events: readonly ReturnOrder[]): Promise<number> {
  if (events.length === 0) return 0
  const values = arrays(versionColumns, events)
  const { rowCount } = await client.query({ name: 'insert-versions', text: INSERT_VERSIONS, values })
  return rowCount ?? 0
}

/**
 * Marks returns whose key got a tombstone, unless what is there came after it. The row stays and keeps its version, so
 * that no replay brings it back. Says how many were marked.
 */
export async function markDeleted(client: PoolClient, deletions: readonly Deletion[]): Promise<number> {
  if (deletions.length === 0) return 0
  const { rowCount } = await client.query({
    name: 'mark-deleted',
    text: MARK_DELETED,
    values: [
      deletions.map((d) => d.returnOrderId),
      deletions.map((d) => d.offset),
      deletions.map((d) => instant(d.deletedAt)),
    ],
  })
  return rowCount ?? 0
}
