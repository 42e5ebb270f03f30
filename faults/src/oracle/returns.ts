import type { AmazonReturnRow, ReturnItem, ReturnParcel, SalesOrder, SalesOrderItem } from '@backhaul/domain'
import { day, money, tracking, units, uuid5, yesOrNo } from './cells.ts'
import type { KnownRow, Settings } from './known.ts'

/** What must be said of a return, but for what tells how its version came to be. */
export type ExpectedReturn = Readonly<Record<string, unknown>> & {
  readonly returnOrderId: string
  readonly items: readonly ReturnItem[]
  readonly firstImportedAt: number
}

/** What rows and orders of one order reference come to, sorted by return. */
export function expectedReturns(
  rows: ReadonlyMap<string, KnownRow>,
  orders: ReadonlyMap<string, SalesOrder>,
  settings: Settings,
): ExpectedReturn[] {
  const imported = [...rows.values()].filter((known) => known.reason !== null)
  imported.sort((a, b) => (a.row.rowId < b.row.rowId ? -1 : 1))
  const returnIds = new Set(imported.map(({ row }) => row.returnId))
  return [...returnIds]
    .map((returnId) => expectedReturn(returnId, imported, orders, settings))
    .sort((a, b) => (a.returnOrderId < b.returnOrderId ? -1 : 1))
}

function expectedReturn(
  returnId: string,
  imported: readonly KnownRow[],
  orders: ReadonlyMap<string, SalesOrder>,
  settings: Settings,
): ExpectedReturn {
  const id = uuid5(returnId)
  const own = imported.filter(({ row }) => row.returnId === returnId)
  const rows = own.map(({ row }) => row)
  let newest = rows[0] as AmazonReturnRow
  for (const row of rows) if (row.observedAt > newest.observedAt) newest = row
  const { channelId } = newest
  const { importSettings, channels } = settings(newest.configVersion)
  const order = orders.get(channelId)
  const lines = order
    ? linesFor(
        order,
        imported.filter(({ row }) => row.channelId === channelId),
      )
    : new Map()
  const items = own.flatMap((known) => {
    const line: SalesOrderItem | undefined = lines.get(known.row.rowId)
    const item = itemOf(id, known, line, order !== undefined)
    const isKit = importSettings.expandKits && line !== undefined && line.components.length > 0
    return isKit ? [{ ...item, removed: true }, ...partsOf(id, known.row.rowId, item, line)] : [item]
  })
  const parcels = parcelsOf(id, rows)
  const said = <N extends keyof AmazonReturnRow>(name: N): AmazonReturnRow[N] | null =>
    [newest, ...rows].map((row) => row[name]).find((value) => value !== null) ?? null
  const delivered = parcels.map((parcel) => parcel.deliveredOn).filter((on) => on !== null)
  const deliveredOn = delivered.sort().pop() ?? null
  const claim = rows.find((row) => row.safeTClaimId !== null)
  return {
    tenantId: newest.tenantId,
    returnOrderId: id,
    integrationId: newest.integrationId,
    configVersion: newest.configVersion,
    origin: 'integration',
    channelId,
    marketplaceId: newest.marketplaceId,
    sellerId: newest.sellerId,
    orderReference: newest.orderReference,
    orderSourceRmaId: said('amazonRmaId'),
    merchantRmaId: said('merchantRmaId'),
    link: linkOf(channelId, orders, items, channels),
    status: statusOf(said('returnRequestStatus'), rows, items, deliveredOn),
    amazonStatus: said('returnRequestStatus'),
    resolution: resolutionOf(said('resolution')),
    amazonResolution: said('resolution'),
    returnType: said('returnType'),
    requestedOn: day(said('returnRequestDate')),
    orderedOn: day(said('orderDate')),
    deliveredOn,
    inPolicy: yesOrNo(said('inPolicy')),
    isPrime: yesOrNo(said('isPrime')),
    aToZClaim: yesOrNo(said('aToZClaim')),
    invoiceNumber: said('invoiceNumber'),
    buyerRef: order ? order.buyerRef : null,
    shipToCountry: order ? order.shipToCountry : null,
    orderSubTypes: order ? order.subTypes : [],
    items,
    parcels,
    notes: parcels
      .filter((parcel) => parcel.trackingNumber !== null)
      .map(({ carrier, trackingNumber }) => ({
        kind: 'tracking',
        text: [carrier, trackingNumber].filter((word) => word !== null).join(' '),
      })),
    safeT: claim
      ? {
          claimId: claim.safeTClaimId,
          state: claim.safeTClaimState,
          reason: claim.safeTActionReason,
          createdAt: claim.safeTClaimCreationTime,
          reimbursed: money(claim.safeTClaimReimbursementAmount, claim.currencyCode),
        }
      : null,
    firstImportedAt: Math.min(...rows.map((row) => row.fetchedAt)),
    provenance: rows.map(({ rowId, reportId, documentSha256, rowNumber, observedAt }) => ({
      rowId,
      reportId,
      documentSha256,
      rowNumber,
      observedAt,
    })),
  }
}

/** Which line each row takes: the one it names, then by SKU and ASIN, then by SKU, while units are left. */
function linesFor(order: SalesOrder, known: readonly KnownRow[]): Map<string, SalesOrderItem> {
  const unitsLeft = new Map(order.items.map((line) => [line.salesOrderItemId, line.quantity]))
  const taken = new Map<string, SalesOrderItem>()
  const naming = known.filter(({ row }) => row.orderItemId !== null)
  const others = known.filter(({ row }) => row.orderItemId === null)
  for (const { row } of [...naming, ...others]) {
    const sameSku = order.items.filter((line) => line.sku === row.merchantSku)
    const open = sameSku.filter((line) => (unitsLeft.get(line.salesOrderItemId) ?? 0) > 0)
    const named = sameSku.filter((line) => row.orderItemId !== null && line.orderItemId === row.orderItemId)
    const sameAsin = open.filter((line) => row.asin !== null && line.asin === row.asin)
    const [line] = [...named, ...sameAsin, ...open, ...sameSku]
    if (!line) continue
    taken.set(row.rowId, line)
    const left = (unitsLeft.get(line.salesOrderItemId) ?? 0) - (units(row.returnQuantity) ?? 1)
    unitsLeft.set(line.salesOrderItemId, left)
  }
  return taken
}

function itemOf(
  returnOrderId: string,
  { row, reason }: KnownRow,
  line: SalesOrderItem | undefined,
  isOrderKnown: boolean,
): ReturnItem {
  const returned = units(row.returnQuantity) ?? 1
  const orderedQuantity = line ? line.quantity : units(row.orderQuantity)
  const quantity = orderedQuantity === null ? returned : Math.min(returned, orderedQuantity)
  return {
    returnItemId: uuid5(`${returnOrderId}/item/${row.rowId}`),
    removed: false,
    link: line
      ? { status: 'LINKED', reason: null }
      : { status: 'UNASSIGNED', reason: isOrderKnown ? 'SKU_UNKNOWN' : null },
    sku: row.merchantSku,
    asin: row.asin,
    title: row.itemName,
    quantity,
    orderedQuantity,
    variationId: line ? line.variationId : null,
    salesOrderItemId: line ? line.salesOrderItemId : null,
    kitSku: null,
    reason: {
      raw: row.returnReason,
      code: reason ? reason.code : null,
      returnReasonId: reason ? reason.returnReasonId : null,
      mappedByConfigVersion: reason ? reason.version : null,
    },
    refunded: money(row.refundedAmount, row.currencyCode),
    orderAmount: money(row.orderAmount, row.currencyCode),
    flags: quantity < returned ? [...row.flags, 'quantity_above_order'] : row.flags,
  }
}

/** The parts of a kit in the kit's place, without money. */
function partsOf(returnOrderId: string, rowId: string, kit: ReturnItem, line: SalesOrderItem): ReturnItem[] {
  const skus = [...new Set(line.components.map((part) => part.sku))]
  return skus.map((sku) => {
    const same = line.components.filter((part) => part.sku === sku)
    const each = same.reduce((sum, part) => sum + part.quantity, 0)
    return {
      ...kit,
      returnItemId: uuid5(`${returnOrderId}/item/${rowId}/${sku}`),
      sku,
      asin: null,
      title: null,
      quantity: kit.quantity * each,
      orderedQuantity: line.quantity * each,
      variationId: same[0]?.variationId ?? null,
      kitSku: line.sku,
      refunded: null,
      orderAmount: null,
    }
  })
}

function parcelsOf(returnOrderId: string, rows: readonly AmazonReturnRow[]): ReturnParcel[] {
  const numbers = [...new Set(rows.map((row) => tracking(row.trackingId)))]
  return numbers.flatMap((trackingNumber) => {
    const sharing = rows.filter((row) => tracking(row.trackingId) === trackingNumber)
    const first = <N extends keyof AmazonReturnRow>(name: N) => sharing.find((row) => row[name] !== null)
    const deliveredOn = day(first('returnDeliveryDate')?.returnDeliveryDate ?? null)
    const labelType = first('labelType')?.labelType ?? null
    if ([trackingNumber, labelType, deliveredOn].every((value) => value === null)) return []
    const priced = first('labelCost')
    const status = deliveredOn ? 'delivered' : trackingNumber ? 'in_transit' : 'announced'
    return [
      {
        parcelId: uuid5(`${returnOrderId}/parcel/${sharing[0]?.rowId}`),
        trackingNumber,
        carrier: first('returnCarrier')?.returnCarrier ?? null,
        status,
        labelType,
        labelCost: priced ? money(priced.labelCost, priced.currencyCode) : null,
        labelPaidBy: first('labelToBePaidBy')?.labelToBePaidBy ?? null,
        deliveredOn,
      },
    ]
  })
}

function linkOf(
  channelId: string,
  orders: ReadonlyMap<string, SalesOrder>,
  items: readonly ReturnItem[],
  channels: readonly { id: string; name: string }[],
) {
  const order = orders.get(channelId)
  const link = (status: string, reason: string | null, detail: string | null) => ({
    status,
    reason,
    detail,
    salesOrderId: order ? order.salesOrderId : null,
  })
  if (order) {
    const loose = items.filter((item) => !item.removed && item.link.status === 'UNASSIGNED')
    if (loose.length === 0) return link('LINKED', null, null)
    const skus = loose.map((item) => item.sku ?? '(none)').join(', ')
    const next = 'Correct the SKU of the order line, or assign the item by hand.'
    return link('PARTLY', 'SKU_UNKNOWN', `The sales order has no line with this SKU. SKU: ${skus}. ${next}`)
  }
  if (orders.size === 0) {
    const next =
      'Import the sales order into the channel of the marketplace; the return links by itself then.'
    return link('WAITING', 'ORDER_MISSING', `No sales order with this number is known. ${next}`)
  }
  const names = [...orders.keys()].sort().map((id) => channels.find((c) => c.id === id)?.name ?? id)
  const what = 'The sales order is in another channel than the one its marketplace is mapped to.'
  const next = 'Move the order to the mapped channel, or map the marketplace to the channel of the order.'
  return link('WAITING', 'ORDER_IN_OTHER_CHANNEL', `${what} It is in: ${names.join(', ')}. ${next}`)
}

function statusOf(
  word: string | null,
  rows: readonly AmazonReturnRow[],
  items: readonly ReturnItem[],
  deliveredOn: string | null,
): string {
  const told = (word ?? '').toLowerCase().replaceAll(' ', '')
  if (/^(rejected|denied|declined)$/.test(told)) return 'rejected'
  if (/^cancell?ed$/.test(told)) return 'cancelled'
  if (items.some((item) => (item.refunded?.amountMinor ?? 0) > 0)) return 'refunded'
  if (/^(completed|closed)$/.test(told)) return 'closed'
  if (deliveredOn) return 'received'
  if (rows.some((row) => tracking(row.trackingId))) return 'in_transit'
  return told === 'approved' ? 'approved' : 'open'
}

function resolutionOf(word: string | null): string {
  const told = (word ?? '').toLowerCase()
  return told.includes('refund') ? 'refund' : told.includes('replacement') ? 'replacement' : 'none'
}
