import { readFlag, readTracking } from '../cells.ts'
import { readDate } from '../dates.ts'
import { readMoney } from '../money.ts'
import type { AmazonReturnRow, OrderLink, ReturnOrder, SafeTClaim, SalesOrder } from '../records.ts'
import { uuidOf } from '../uuid.ts'
import type { ImportConfig, OrderFacts, RowFacts } from './facts.ts'
import { itemsOf } from './items.ts'
import { compare, linkItems } from './link-items.ts'
import { linkDetail } from './link-reasons.ts'
import { parcelsOf, trackingNotes } from './parcels.ts'
import { resolutionOf, statusOf } from './words.ts'

/** A return as the facts have it: all but what tells how it came to be. */
export type ReturnOrderContent = Omit<ReturnOrder, 'generation' | 'version' | 'changes' | 'changedAt'>

/** The settings version that a row was read under. */
export type ConfigOf = (integrationId: string, version: number) => ImportConfig

/**
 * Everything that follows from the facts of one order: one ReturnOrder for each return with an imported row.
 *
 * A pure function: the result depends on what arrived, not on the order of arrival (A3).
 */
export function reconcile(facts: OrderFacts, configOf: ConfigOf): ReturnOrderContent[] {
  const imported = facts.rows.filter((r) => r.imported).sort((a, b) => compare(a.row.rowId, b.row.rowId))
  const contents: ReturnOrderContent[] = []
  for (const [, rows] of Map.groupBy(imported, (r) => r.row.returnId)) {
    const newest = rows.reduce((a, b) => (b.row.observedAt > a.row.observedAt ? b : a)).row
    const config = configOf(newest.integrationId, newest.configVersion)
    const order = facts.salesOrders.find((o) => o.channelId === newest.channelId) ?? null
    contents.push(contentOf(rows, newest, order, facts.salesOrders, imported, config))
  }
  return contents.sort((a, b) => compare(a.returnOrderId, b.returnOrderId))
}

function contentOf(
  rows: readonly RowFacts[],
  newest: AmazonReturnRow,
  order: SalesOrder | null,
  salesOrders: readonly SalesOrder[],
  rowsOfOrder: readonly RowFacts[],
  config: ImportConfig,
): ReturnOrderContent {
  const returnOrderId = uuidOf(newest.returnId)
  // Lines are shared out over all returns of the order in this channel, so that two returns never claim one unit.
  const inChannel = rowsOfOrder.filter((r) => r.row.channelId === newest.channelId)
  const lines = order ? linkItems(inChannel, order) : new Map()
  const items = rows.flatMap((r) =>
    itemsOf(returnOrderId, r, lines.get(r.row.rowId) ?? null, order !== null, config),
  )
  const parcels = parcelsOf(returnOrderId, rows)
  const cell = (name: keyof AmazonReturnRow) =>
    (newest[name] ?? rows.find((r) => r.row[name] !== null)?.row[name] ?? null) as string | null
  const deliveredOn =
    parcels
      .map((p) => p.deliveredOn)
      .filter((d) => d !== null)
      .sort()
      .at(-1) ?? null
  return {
    tenantId: newest.tenantId,
    returnOrderId,
    integrationId: newest.integrationId,
    configVersion: newest.configVersion,
    origin: 'integration',
    channelId: newest.channelId,
    marketplaceId: newest.marketplaceId,
    sellerId: newest.sellerId,
    orderReference: newest.orderReference,
    orderSourceRmaId: cell('amazonRmaId'),
    merchantRmaId: cell('merchantRmaId'),
    link: linkOf(newest, order, salesOrders, items, config),
    status: statusOf({
      amazonStatus: cell('returnRequestStatus'),
      refunded: items.some((i) => i.refunded !== null && i.refunded.amountMinor > 0),
      delivered: deliveredOn !== null,
      tracked: rows.some((r) => readTracking(r.row.trackingId) !== null),
    }),
    amazonStatus: cell('returnRequestStatus'),
    resolution: resolutionOf(cell('resolution')),
    amazonResolution: cell('resolution'),
    returnType: cell('returnType'),
    requestedOn: readDate(cell('returnRequestDate')),
    orderedOn: readDate(cell('orderDate')),
    deliveredOn,
    inPolicy: readFlag(cell('inPolicy')),
    isPrime: readFlag(cell('isPrime')),
    aToZClaim: readFlag(cell('aToZClaim')),
    invoiceNumber: cell('invoiceNumber'),
    buyerRef: order?.buyerRef ?? null,
    shipToCountry: order?.shipToCountry ?? null,
    orderSubTypes: order?.subTypes ?? [],
    items,
    parcels,
    notes: trackingNotes(parcels),
    safeT: safeTOf(rows),
    firstImportedAt: Math.min(...rows.map((r) => r.row.fetchedAt)),
    provenance: rows.map(({ row }) => ({
      rowId: row.rowId,
      reportId: row.reportId,
      documentSha256: row.documentSha256,
      rowNumber: row.rowNumber,
      observedAt: row.observedAt,
    })),
  }
}

function linkOf(
  { channelId }: AmazonReturnRow,
  order: SalesOrder | null,
  salesOrders: readonly SalesOrder[],
  items: ReturnOrder['items'],
  config: ImportConfig,
): OrderLink {
  if (order) {
    const { salesOrderId } = order
    const unknown = items
      .filter((i) => !i.removed && i.link.status === 'UNASSIGNED')
      .map((i) => i.sku ?? '(none)')
    if (unknown.length === 0) return { status: 'LINKED', reason: null, detail: null, salesOrderId }
    const detail = linkDetail('SKU_UNKNOWN', `SKU: ${unknown.join(', ')}.`)
    return { status: 'PARTLY', reason: 'SKU_UNKNOWN', detail, salesOrderId }
  }
  const elsewhere = [...new Set(salesOrders.map((o) => o.channelId))].filter((id) => id !== channelId).sort()
  if (elsewhere.length === 0) {
    return {
      status: 'WAITING',
      reason: 'ORDER_MISSING',
      detail: linkDetail('ORDER_MISSING'),
      salesOrderId: null,
    }
  }
  const names = elsewhere.map((id) => config.channels.find((c) => c.id === id)?.name ?? id)
  const detail = linkDetail('ORDER_IN_OTHER_CHANNEL', `It is in: ${names.join(', ')}.`)
  return { status: 'WAITING', reason: 'ORDER_IN_OTHER_CHANNEL', detail, salesOrderId: null }
}

function safeTOf(rows: readonly RowFacts[]): SafeTClaim | null {
  const row = rows.find((r) => r.row.safeTClaimId !== null)?.row
  if (!row || row.safeTClaimId === null) return null
  return {
    claimId: row.safeTClaimId,
    state: row.safeTClaimState,
    reason: row.safeTActionReason,
    createdAt: row.safeTClaimCreationTime,
    reimbursed: readMoney(row.safeTClaimReimbursementAmount, row.currencyCode),
  }
}
