import { Fault, type Money, type ReportRun, type ReturnItem, type ReturnOrder } from '@backhaul/domain'
import type { ErrorCode } from './errors.ts'
import {
  bool,
  code,
  counts,
  date,
  instant,
  int32,
  int64,
  list,
  nullable,
  text,
  uint64,
} from './row-binary.ts'
import { column, type Table } from './table.ts'

/** One item of a return, with its return and where the event stands in the log. */
export interface ItemRow {
  readonly event: ReturnOrder
  readonly item: ReturnItem
  readonly offset: bigint
}

/** A return whose key got a tombstone. */
export interface DeletionRow {
  readonly returnOrderId: string
  readonly offset: bigint
  readonly deletedAt: number
}

export interface RunRow {
  readonly run: ReportRun
  readonly offset: bigint
}

const VERSION_BITS = 40
const GENERATION_BITS = 24

/**
 * `(generation, version)` as one number that sorts the same way.
 *
 * @throws Fault `ROWS_UNSTORABLE` when one of them is negative or too great: it would change the order of others.
 */
export function packedVersion({ generation, version }: Pick<ReturnOrder, 'generation' | 'version'>): bigint {
  const fits = (value: number, bits: number) => value >= 0 && value < 2 ** bits
  if (!fits(generation, GENERATION_BITS) || !fits(version, VERSION_BITS)) {
    const message = `generation ${generation}, version ${version} do not fit into one number`
    throw new Fault('ROWS_UNSTORABLE' satisfies ErrorCode, message)
  }
  return (BigInt(generation) << BigInt(VERSION_BITS)) | BigInt(version)
}

const minor = (money: Money | null) => money?.amountMinor ?? null
const currency = (money: Money | null) => money?.currency ?? null

export const returnItems: Table<ItemRow> = {
  name: 'return_items',
  columns: [
    column('tenant_id', code, (r) => r.event.tenantId),
    column('return_order_id', text, (r) => r.event.returnOrderId),
    column('return_item_id', text, (r) => r.item.returnItemId),
    column('row_version', uint64, (r) => packedVersion(r.event)),
    column('generation', int32, (r) => r.event.generation),
    column('version', int64, (r) => r.event.version),
    column('source_offset', int64, (r) => Number(r.offset)),
    column('removed', bool, (r) => r.item.removed),
    column('origin', code, (r) => r.event.origin),
    column('integration_id', code, (r) => r.event.integrationId),
    column('channel_id', code, (r) => r.event.channelId),
    column('marketplace_id', nullable(code), (r) => r.event.marketplaceId),
    column('order_reference', text, (r) => r.event.orderReference),
    column('order_source_rma_id', nullable(text), (r) => r.event.orderSourceRmaId),
    column('sales_order_id', nullable(text), (r) => r.event.link.salesOrderId),
    column('link_status', code, (r) => r.event.link.status),
    column('link_reason', nullable(code), (r) => r.event.link.reason),
    column('item_link_status', code, (r) => r.item.link.status),
    column('item_link_reason', nullable(code), (r) => r.item.link.reason),
    column('status', code, (r) => r.event.status),
    column('amazon_status', nullable(code), (r) => r.event.amazonStatus),
    column('resolution', code, (r) => r.event.resolution),
    column('amazon_resolution', nullable(code), (r) => r.event.amazonResolution),
    column('return_type', nullable(code), (r) => r.event.returnType),
    column('requested_on', nullable(date), (r) => r.event.requestedOn),
    column('ordered_on', nullable(date), (r) => r.event.orderedOn),
    column('delivered_on', nullable(date), (r) => r.event.deliveredOn),
    column('in_policy', nullable(bool), (r) => r.event.inPolicy),
    column('is_prime', nullable(bool), (r) => r.event.isPrime),
    column('a_to_z_claim', nullable(bool), (r) => r.event.aToZClaim),
    column('ship_to_country', nullable(code), (r) => r.event.shipToCountry),
    column('order_sub_types', list(code), (r) => r.event.orderSubTypes),
    column('sku', nullable(text), (r) => r.item.sku),
    column('asin', nullable(text), (r) => r.item.asin),
    column('title', nullable(text), (r) => r.item.title),
    column('quantity', int32, (r) => r.item.quantity),
    column('ordered_quantity', nullable(int32), (r) => r.item.orderedQuantity),
    column('variation_id', nullable(text), (r) => r.item.variationId),
    column('sales_order_item_id', nullable(text), (r) => r.item.salesOrderItemId),
    column('kit_sku', nullable(text), (r) => r.item.kitSku),
    column('reason_raw', nullable(code), (r) => r.item.reason.raw),
    column('reason_code', nullable(code), (r) => r.item.reason.code),
    column('return_reason_id', nullable(code), (r) => r.item.reason.returnReasonId),
    column('refunded_minor', nullable(int64), (r) => minor(r.item.refunded)),
    column('refunded_currency', nullable(code), (r) => currency(r.item.refunded)),
    column('order_amount_minor', nullable(int64), (r) => minor(r.item.orderAmount)),
    column('order_amount_currency', nullable(code), (r) => currency(r.item.orderAmount)),
    column('flags', list(code), (r) => r.item.flags),
    column('first_imported_at', instant, (r) => r.event.firstImportedAt),
    column('changed_at', instant, (r) => r.event.changedAt),
  ],
}

export const returnDeletions: Table<DeletionRow> = {
  name: 'return_deletions',
  columns: [
    column('return_order_id', text, (r) => r.returnOrderId),
    column('source_offset', int64, (r) => Number(r.offset)),
    column('deleted_at', instant, (r) => r.deletedAt),
  ],
}

export const reportRuns: Table<RunRow> = {
  name: 'report_runs',
  columns: [
    column('tenant_id', code, (r) => r.run.tenantId),
    column('report_run_id', text, (r) => r.run.reportRunId),
    column('source_offset', int64, (r) => Number(r.offset)),
    column('integration_id', code, (r) => r.run.integrationId),
    column('seller_id', nullable(code), (r) => r.run.sellerId),
    column('marketplace_id', code, (r) => r.run.marketplaceId),
    column('report_type', code, (r) => r.run.reportType),
    column('report_id', nullable(text), (r) => r.run.reportId),
    column('state', code, (r) => r.run.state),
    column('window_from', nullable(instant), (r) => r.run.windowFrom),
    column('window_to', nullable(instant), (r) => r.run.windowTo),
    column('started_at', instant, (r) => r.run.startedAt),
    column('ended_at', nullable(instant), (r) => r.run.endedAt),
    column('document_sha256', nullable(text), (r) => r.run.documentSha256),
    column('bytes', nullable(int64), (r) => r.run.bytes),
    column('rows_in_document', int64, (r) => r.run.rowsInDocument),
    column('rows_new', int64, (r) => r.run.new),
    column('rows_changed', int64, (r) => r.run.changed),
    column('rows_unchanged', int64, (r) => r.run.unchanged),
    column('rows_skipped', counts, (r) => r.run.skipped),
    column('rows_rejected', counts, (r) => r.run.rejected),
    column('cancelled_class', nullable(code), (r) => r.run.cancelledClass),
    column('error', nullable(text), (r) => r.run.error),
    column('proven_to', nullable(instant), (r) => r.run.provenTo),
    column('rows_by_day', counts, (r) => r.run.rowsByDay),
  ],
}
