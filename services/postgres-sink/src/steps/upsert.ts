import type { Money, ReturnOrder } from '@backhaul/domain'
import type { PoolClient } from 'pg'

/** How one column is written: its type in Postgres and its value. */
type Columns<T> = Readonly<Record<string, readonly [type: string, value: (row: T) => unknown]>>

const instant = (ms: number) => new Date(ms).toISOString()
const minor = (money: Money | null) => money?.amountMinor ?? null
const currency = (money: Money | null) => money?.currency ?? null

const orderColumns: Columns<ReturnOrder> = {
  return_order_id: ['text', (r) => r.returnOrderId],
  tenant_id: ['text', (r) => r.tenantId],
  generation: ['int', (r) => r.generation],
  version: ['bigint', (r) => r.version],
  origin: ['text', (r) => r.origin],
  integration_id: ['text', (r) => r.integrationId],
  channel_id: ['text', (r) => r.channelId],
  marketplace_id: ['text', (r) => r.marketplaceId],
  order_reference: ['text', (r) => r.orderReference],
  order_source_rma_id: ['text', (r) => r.orderSourceRmaId],
  link_status: ['text', (r) => r.link.status],
  link_reason: ['text', (r) => r.link.reason],
  link_detail: ['text', (r) => r.link.detail],
  sales_order_id: ['text', (r) => r.link.salesOrderId],
  status: ['text', (r) => r.status],
  amazon_status: ['text', (r) => r.amazonStatus],
  resolution: ['text', (r) => r.resolution],
  requested_on: ['date', (r) => r.requestedOn],
  ordered_on: ['date', (r) => r.orderedOn],
  delivered_on: ['date', (r) => r.deliveredOn],
  first_imported_at: ['timestamptz', (r) => instant(r.firstImportedAt)],
  changed_at: ['timestamptz', (r) => instant(r.changedAt)],
  event: ['jsonb', (r) => JSON.stringify(r)],
}

type Item = ReturnOrder['items'][number] & { readonly returnOrderId: string }

const itemColumns: Columns<Item> = {
  return_item_id: ['text', (i) => i.returnItemId],
  return_order_id: ['text', (i) => i.returnOrderId],
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

type Parcel = ReturnOrder['parcels'][number] & { readonly returnOrderId: string }

const parcelColumns: Columns<Parcel> = {
  parcel_id: ['text', (p) => p.parcelId],
  return_order_id: ['text', (p) => p.returnOrderId],
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
  RETURNING return_order_id`

const itemSource = Object.keys(itemColumns)
  .map((name) => (name === 'flags' ? 'ARRAY(SELECT jsonb_array_elements_text(s.flags))' : `s.${name}`))
  .join(', ')

const UPSERT_ITEMS = `
  INSERT INTO return_order_items (${columnList(itemColumns)})
  SELECT ${itemSource} FROM unnest(${unnest(itemColumns)}) AS s(${columnList(itemColumns)})
  ON CONFLICT (return_item_id) DO UPDATE SET ${overwrite(itemColumns, 'return_item_id')}`

const UPSERT_PARCELS = `
  INSERT INTO return_order_parcels (${columnList(parcelColumns)})
  SELECT * FROM unnest(${unnest(parcelColumns)})
  ON CONFLICT (parcel_id) DO UPDATE SET ${overwrite(parcelColumns, 'parcel_id')}`

const DELETE_GONE_PARCELS = `
  DELETE FROM return_order_parcels WHERE return_order_id = ANY($1::text[]) AND NOT (parcel_id = ANY($2::text[]))`

const INSERT_VERSIONS = `
  INSERT INTO return_order_versions (${columnList(versionColumns)})
  SELECT * FROM unnest(${unnest(versionColumns)})
  ON CONFLICT DO NOTHING`

/**
 * Writes returns with their items and parcels, where the version is greater than what is there (A4).
 *
 * @param events Sorted by id, one a return.
 * @returns How many were written; the others were behind.
 */
export async function upsertReturns(client: PoolClient, events: readonly ReturnOrder[]): Promise<number> {
  if (events.length === 0) return 0
  const values = arrays(orderColumns, events)
  const { rows } = await client.query({ name: 'upsert-returns', text: UPSERT_ORDERS, values })
  const written = new Set(rows.map((r) => r.return_order_id as string))
  const winners = events.filter((e) => written.has(e.returnOrderId))
  const items = winners.flatMap((e) => e.items.map((i) => ({ ...i, returnOrderId: e.returnOrderId })))
  const parcels = winners.flatMap((e) => e.parcels.map((p) => ({ ...p, returnOrderId: e.returnOrderId })))
  await client.query({ name: 'upsert-items', text: UPSERT_ITEMS, values: arrays(itemColumns, items) })
  await client.query({
    name: 'delete-gone-parcels',
    text: DELETE_GONE_PARCELS,
    values: [[...written], parcels.map((p) => p.parcelId)],
  })
  await client.query({ name: 'upsert-parcels', text: UPSERT_PARCELS, values: arrays(parcelColumns, parcels) })
  return written.size
}

/** Keeps every version that was ever read. */
export async function insertVersions(client: PoolClient, events: readonly ReturnOrder[]): Promise<void> {
  if (events.length === 0) return
  await client.query({
    name: 'insert-versions',
    text: INSERT_VERSIONS,
    values: arrays(versionColumns, events),
  })
}

/** Marks returns whose key got a tombstone. A row that stays keeps its version, so that no replay brings it back. */
export async function markDeleted(
  client: PoolClient,
  returnOrderIds: readonly string[],
  at: number,
): Promise<void> {
  if (returnOrderIds.length === 0) return
  await client.query('UPDATE return_orders SET deleted_at = $2 WHERE return_order_id = ANY($1::text[])', [
    returnOrderIds,
    instant(at),
  ])
}
