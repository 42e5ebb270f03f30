import { readFlag, readTracking } from '../cells.ts'
import type {
  AmazonReturnRow,
  OrderLink,
  ReturnItem,
  ReturnOrder,
  SafeTClaim,
  SalesOrder,
  SalesOrderItem,
} from '../records.ts'
import type { LocalDate } from '../time.ts'
import { uuidOf } from '../uuid.ts'
import type { ImportConfig, OrderFacts, RowFacts } from './facts.ts'
import { itemsOf } from './items.ts'
import { compare, linkItems } from './link-items.ts'
import { linkDetail } from './link-reasons.ts'
import { parcelsOf, trackingNotes } from './parcels.ts'
import { readAmount } from './read-amount.ts'
import { readDay } from './read-day.ts'
import { resolutionOf, statusOf } from './words.ts'

/** What a version of a return tells of its coming to be. */
export type Versioning = Pick<ReturnOrder, 'generation' | 'changedAt'>

/** The settings version that a row was read under. */
export type ConfigOf = (integrationId: string, version: number) => ImportConfig

/** What one return follows from: while all of it stays, so does the return. */
interface Basis {
  readonly returnId: string
  /** Sorted by id, each with its order line. */
  readonly rows: RowFacts[]
  readonly lines: (SalesOrderItem | null)[]
  newest: AmazonReturnRow
  /** The order in the channel of the newest row. */
  order: SalesOrder | null
}

/**
 * Everything that follows from the facts of one order: one ReturnOrder for each return with an imported row, as its first
 * version; see `nextVersion`.
 *
 * A pure function: the result depends on what arrived, not on the order of arrival (A3).
 *
 * @param before Facts whose returns were said already, as the same objects: linked returns that stand on nothing new are
 *   left out.
 */
export function reconcile(
  facts: OrderFacts,
  configOf: ConfigOf,
  at: Versioning,
  before?: OrderFacts,
): ReturnOrder[] {
  const said = before && before.rows.length > 0 ? basesOf(before) : []
  const returns: ReturnOrder[] = []
  for (const basis of basesOf(facts)) {
    const earlier = said.find(({ returnId }) => returnId === basis.returnId)
    if (earlier && isSame(basis, earlier)) continue
    const { integrationId, configVersion } = basis.newest
    returns.push(returnOf(basis, facts.salesOrders, configOf(integrationId, configVersion), at))
  }
  if (returns.length > 1) returns.sort((a, b) => compare(a.returnOrderId, b.returnOrderId))
  return returns
}

/** What stands under each return id. An order has few returns: a list is searched faster than a map is made. */
function basesOf({ rows, salesOrders }: OrderFacts): Basis[] {
  const imported = rows.filter((facts) => facts.imported)
  if (imported.length > 1) imported.sort((a, b) => compare(a.row.rowId, b.row.rowId))
  const lines = linkItems(imported, salesOrders)
  const bases: Basis[] = []
  for (let n = 0; n < imported.length; n++) {
    const facts = imported[n] as RowFacts
    const { row } = facts
    const line = lines[n] ?? null
    const basis = bases.find(({ returnId }) => returnId === row.returnId)
    if (!basis) {
      bases.push({ returnId: row.returnId, rows: [facts], lines: [line], newest: row, order: null })
      continue
    }
    basis.rows.push(facts)
    basis.lines.push(line)
    if (row.observedAt > basis.newest.observedAt) basis.newest = row
  }
  for (const basis of bases) {
    const { channelId } = basis.newest
    basis.order = salesOrders.find((order) => order.channelId === channelId) ?? null
    for (let n = 0; n < basis.rows.length; n++) {
      if ((basis.rows[n] as RowFacts).row.channelId !== channelId) basis.lines[n] = null
    }
  }
  return bases
}

/** Only of linked returns: what is said of others also names channels, whose names may be learnt later. */
const isSame = (now: Basis, said: Basis): boolean =>
  now.order !== null &&
  now.order === said.order &&
  now.rows.length === said.rows.length &&
  now.rows.every((facts, n) => facts === said.rows[n] && now.lines[n] === said.lines[n])

function returnOf(
  { rows, newest, order, lines }: Basis,
  salesOrders: readonly SalesOrder[],
  config: ImportConfig,
  { generation, changedAt }: Versioning,
): ReturnOrder {
  const returnOrderId = uuidOf(newest.returnId)
  const itemsAt = (n: number) =>
    itemsOf(returnOrderId, rows[n] as RowFacts, lines[n] ?? null, order !== null, config)
  const items: ReturnItem[] = rows.length === 1 ? itemsAt(0) : rows.flatMap((_, n) => itemsAt(n))
  const parcels = parcelsOf(returnOrderId, rows)
  const cell = (name: keyof AmazonReturnRow): string | null => {
    if (newest[name] !== null || rows.length === 1) return newest[name] as string | null
    return firstCell(rows, name)
  }
  let deliveredOn: LocalDate | null = null
  for (const parcel of parcels) {
    if (parcel.deliveredOn !== null && (deliveredOn === null || parcel.deliveredOn > deliveredOn))
      deliveredOn = parcel.deliveredOn
  }
  return {
    tenantId: newest.tenantId,
    returnOrderId,
    generation,
    version: 1,
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
    requestedOn: readDay(cell('returnRequestDate')),
    orderedOn: readDay(cell('orderDate')),
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
    changes: [],
    firstImportedAt: rows.reduce((first, { row }) => Math.min(first, row.fetchedAt), newest.fetchedAt),
    changedAt,
    provenance: rows.map(({ row }) => ({
      rowId: row.rowId,
      reportId: row.reportId,
      documentSha256: row.documentSha256,
      rowNumber: row.rowNumber,
      observedAt: row.observedAt,
    })),
  }
}

/** The first value of a cell, of rows in their order. */
function firstCell(rows: readonly RowFacts[], name: keyof AmazonReturnRow): string | null {
  return (rows.find(({ row }) => row[name] !== null)?.row[name] ?? null) as string | null
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
    const isUnknown = (item: ReturnItem) => !item.removed && item.link.status === 'UNASSIGNED'
    if (!items.some(isUnknown)) return { status: 'LINKED', reason: null, detail: null, salesOrderId }
    const unknown = items.filter(isUnknown).map((item) => item.sku ?? '(none)')
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
    reimbursed: readAmount(row.safeTClaimReimbursementAmount, row.currencyCode),
  }
}
