import { describe, expect, test } from 'vitest'
import { orderItem, returnRow, salesOrder } from '../builders.ts'
import type { AmazonReturnRow, ReturnOrder, SalesOrder } from '../records.ts'
import type { ImportConfig } from './facts.ts'
import { nextVersion } from './next-version.ts'
import { observeRow } from './observe.ts'
import { reconcile } from './reconcile.ts'

const config: ImportConfig = {
  version: 1,
  importSettings: {
    statuses: 'all',
    labelTypes: ['AmazonPrePaidLabel'],
    returnlessRefunds: 'import',
    expandKits: true,
  },
  reasons: [{ amazonReason: 'DEFECTIVE', returnReasonId: 'reason-broken' }],
  channels: [
    { id: 'channel-de', name: 'Amazon DE' },
    { id: 'channel-fr', name: 'Amazon FR' },
  ],
}
const settings = (given: Partial<ImportConfig['importSettings']>): ImportConfig => ({
  ...config,
  importSettings: { ...config.importSettings, ...given },
})

const at = { generation: 1, changedAt: 5 }

function returnsOf(rows: AmazonReturnRow[], orders: SalesOrder[], using = config): ReturnOrder[] {
  const facts = rows.map((row) => observeRow(undefined, row, using)).filter((f) => f !== 'stale')
  return reconcile({ rows: facts, salesOrders: orders }, () => using, at)
}
const onlyReturn = (rows: AmazonReturnRow[], orders: SalesOrder[], using = config) =>
  returnsOf(rows, orders, using)[0] as ReturnOrder

describe('linking', () => {
  test('RC-04, RC-14, RC-49, RC-64: a return links to its order, its item to the line and variation of its SKU', () => {
    const linked = onlyReturn([returnRow()], [salesOrder()])
    expect(linked.link).toEqual({ status: 'LINKED', reason: null, detail: null, salesOrderId: 'order-1' })
    expect(linked.items[0]).toMatchObject({
      sku: 'SKU-1',
      quantity: 1,
      variationId: 'variation-1',
      salesOrderItemId: 'line-1',
      reason: { raw: 'CR-DEFECTIVE', code: 'DEFECTIVE', returnReasonId: 'reason-broken' },
    })
  })

  test('RC-10: without its order a return waits, and says what to do', () => {
    const { link } = onlyReturn([returnRow()], [])
    expect(link).toMatchObject({ status: 'WAITING', reason: 'ORDER_MISSING', salesOrderId: null })
    expect(link.detail).toMatch(/Import the sales order/)
  })

  test('RC-11: an order in another channel is named and not linked', () => {
    const { link } = onlyReturn([returnRow()], [salesOrder({ channelId: 'channel-fr' })])
    expect(link).toMatchObject({ status: 'WAITING', reason: 'ORDER_IN_OTHER_CHANNEL', salesOrderId: null })
    expect(link.detail).toContain('Amazon FR')
  })

  test('RC-43, RC-45: of two orders with one number, the one in the mapped channel is taken', () => {
    const orders = [
      salesOrder({ channelId: 'channel-fr', salesOrderId: 'fr' }),
      salesOrder({ salesOrderId: 'de' }),
    ]
    expect(onlyReturn([returnRow()], orders).link.salesOrderId).toBe('de')
  })

  test('RC-15: an unknown SKU leaves only its item unassigned', () => {
    const rows = [returnRow(), returnRow({ rowId: 'row-2', merchantSku: 'SKU-X' })]
    const found = onlyReturn(rows, [salesOrder()])
    expect(found.link).toMatchObject({ status: 'PARTLY', reason: 'SKU_UNKNOWN', salesOrderId: 'order-1' })
    expect(found.items.map((i) => i.link)).toEqual([
      { status: 'LINKED', reason: null },
      { status: 'UNASSIGNED', reason: 'SKU_UNKNOWN' },
    ])
  })

  test('a SKU is compared exactly: leading zeros and case count', () => {
    expect(onlyReturn([returnRow({ merchantSku: 'sku-1' })], [salesOrder()]).link.reason).toBe('SKU_UNKNOWN')
  })

  test('the same SKU on two lines: the order item id decides, else what is left to return', () => {
    const two = salesOrder({
      items: [
        orderItem({ salesOrderItemId: 'a', orderItemId: '11' }),
        orderItem({ salesOrderItemId: 'b', orderItemId: '22' }),
      ],
    })
    const rows = [returnRow({ orderItemId: '22' }), returnRow({ rowId: 'row-2' })]
    expect(onlyReturn(rows, [two]).items.map((i) => i.salesOrderItemId)).toEqual(['b', 'a'])
  })

  test('SC-07: a part that a kit lists twice is one item: two with one id would be refused by every store', () => {
    const part = { sku: 'BOLT', variationId: 'variation-bolt', quantity: 2 }
    const kit = salesOrder({ items: [orderItem({ components: [part, { ...part, quantity: 1 }] })] })
    const { items } = onlyReturn([returnRow()], [kit])
    expect(items.map((i) => [i.sku, i.quantity, i.removed])).toEqual([
      ['SKU-1', 1, true],
      ['BOLT', 3, false],
    ])
  })

  test('SC-07: a kit gives its parts, quantities multiplied; the kit itself stays as removed', () => {
    const kit = salesOrder({
      items: [
        orderItem({
          quantity: 2,
          components: [
            { sku: 'PART-A', variationId: 'va', quantity: 1 },
            { sku: 'PART-B', variationId: null, quantity: 3 },
          ],
        }),
      ],
    })
    const { items } = onlyReturn([returnRow({ returnQuantity: '2', orderQuantity: '2' })], [kit])
    expect(items.map((i) => [i.sku, i.quantity, i.removed, i.kitSku])).toEqual([
      ['SKU-1', 2, true, null],
      ['PART-A', 2, false, 'SKU-1'],
      ['PART-B', 6, false, 'SKU-1'],
    ])
  })

  test('Q12: never more units than were ordered, and a flag says so', () => {
    const { items } = onlyReturn([returnRow({ returnQuantity: '3' })], [salesOrder()])
    expect(items[0]).toMatchObject({ quantity: 1, flags: ['quantity_above_order'] })
  })
})

describe('what comes in', () => {
  test('Q4: rows with another label type are left out, unless the settings let them in', () => {
    const unpaid = returnRow({ labelType: 'AmazonUnPaidLabel' })
    expect(returnsOf([unpaid], [])).toEqual([])
    expect(returnsOf([unpaid], [], settings({ labelTypes: 'all' }))).toHaveLength(1)
  })

  test('Q2: with statuses "approved", a pending return comes in once it is approved', () => {
    const strict = settings({ statuses: 'approved' })
    const pending = observeRow(undefined, returnRow({ returnRequestStatus: 'Pending' }), strict)
    expect(pending).toMatchObject({ imported: false })
    const approved = observeRow(pending as never, returnRow({ observedAt: Date.UTC(2026, 8, 1) }), strict)
    expect(approved).toMatchObject({ imported: true })
  })

  test('SC-61: returnless refunds can be left out', () => {
    const returnless = returnRow({ resolution: 'ReturnlessRefund' })
    expect(returnsOf([returnless], [], settings({ returnlessRefunds: 'skip' }))).toEqual([])
  })

  test('RC-56: a changed mapping is never applied to a return already imported', () => {
    const first = observeRow(undefined, returnRow(), config) as never
    const remapped = {
      ...config,
      version: 2,
      reasons: [{ amazonReason: 'DEFECTIVE', returnReasonId: 'other' }],
    }
    const later = observeRow(
      first,
      returnRow({ observedAt: Date.UTC(2026, 8, 1), trackingId: 'T1' }),
      remapped,
    )
    expect(later).toMatchObject({
      row: { trackingId: 'T1' },
      frozen: { returnReasonId: 'reason-broken', configVersion: 1 },
    })
  })

  test('RC-51: without a mapping the raw reason is still there', () => {
    expect(onlyReturn([returnRow({ returnReason: 'CR-NEW-WORD' })], []).items[0]?.reason).toEqual({
      raw: 'CR-NEW-WORD',
      code: 'NEW_WORD',
      returnReasonId: null,
      mappedByConfigVersion: 1,
    })
  })

  test('A14: a later blank never erases a value', () => {
    const first = observeRow(undefined, returnRow({ trackingId: 'T1' }), config) as never
    expect(observeRow(first, returnRow({ observedAt: Date.UTC(2026, 8, 1) }), config)).toMatchObject({
      row: { trackingId: 'T1' },
    })
  })

  test('an observation that is older, or the same, changes nothing', () => {
    const first = observeRow(undefined, returnRow(), config) as never
    expect(observeRow(first, returnRow(), config)).toBe('stale')
    expect(observeRow(first, returnRow({ observedAt: 0, trackingId: 'T1' }), config)).toBe('stale')
  })
})

describe('content', () => {
  test('RC-06, RC-62, RC-63: origin, channel, and what the sales order knows', () => {
    const order = salesOrder({ subTypes: ['Prime'] })
    expect(onlyReturn([returnRow()], [order])).toMatchObject({
      origin: 'integration',
      channelId: 'channel-de',
      buyerRef: 'buyer-1',
      shipToCountry: 'DE',
      orderSubTypes: ['Prime'],
      requestedOn: '2026-08-02',
      orderedOn: '2026-07-14',
      resolution: 'refund',
    })
  })

  test.each([
    ['announced', null, null, 'approved'],
    ['in_transit', 'T1', null, 'in_transit'],
    ['delivered', 'T1', '05-Aug-2026', 'received'],
  ])('RC-65, RC-66: a parcel is %s', (status, trackingId, returnDeliveryDate, returnStatus) => {
    const found = onlyReturn([returnRow({ trackingId, returnDeliveryDate, returnCarrier: 'DHL' })], [])
    expect(found.parcels).toMatchObject([{ status, trackingNumber: trackingId, carrier: 'DHL' }])
    expect(found.status).toBe(returnStatus)
  })

  test('two items with one RMA make one return; their parcel is one', () => {
    const rows = [returnRow({ trackingId: 'T1' }), returnRow({ rowId: 'row-2', trackingId: 'T1' })]
    const [found, ...others] = returnsOf(rows, [])
    expect(others).toEqual([])
    expect(found?.items).toHaveLength(2)
    expect(found?.parcels).toHaveLength(1)
  })

  test('B6: an empty refund is unknown, not 0', () => {
    expect(onlyReturn([returnRow({ refundedAmount: null })], []).items[0]?.refunded).toBeNull()
    expect(onlyReturn([returnRow({ refundedAmount: '0' })], []).items[0]?.refunded?.amountMinor).toBe(0)
  })

  test('a cell that cannot be read gives no value, and the return comes in', () => {
    expect(onlyReturn([returnRow({ returnRequestDate: '31-Feb-2026', labelCost: 'x' })], [])).toMatchObject({
      requestedOn: null,
      parcels: [{ labelCost: null }],
    })
  })

  test('RC-61: a return without anything that only Amazon fills still has its fields', () => {
    const bare = returnRow({
      asin: null,
      amazonRmaId: null,
      isPrime: null,
      aToZClaim: null,
      returnType: null,
    })
    expect(onlyReturn([bare], [salesOrder()]).link.status).toBe('LINKED')
  })
})

describe('versions', () => {
  const first = nextVersion(undefined, onlyReturn([returnRow()], [])) as ReturnOrder

  test('A5: version 1 has no changes', () => {
    expect(first).toMatchObject({ version: 1, changes: [] })
  })

  test('A1: the same content is no version, whatever its provenance', () => {
    const again = onlyReturn([returnRow({ documentSha256: 'f'.repeat(64), configVersion: 2 })], [])
    expect(nextVersion(first, again)).toBe('same')
  })

  test('A5: one version says all that changed, with before and after', () => {
    const changed = onlyReturn([returnRow({ returnRequestStatus: 'Closed', trackingId: 'T1' })], [])
    const next = nextVersion(first, changed) as ReturnOrder
    expect(next.version).toBe(2)
    expect(next.changes).toContainEqual({ path: 'amazonStatus', before: '"Approved"', after: '"Closed"' })
    const [parcel] = changed.parcels
    expect(next.changes).toContainEqual({
      path: `parcels[${parcel?.parcelId}].trackingNumber`,
      before: 'null',
      after: '"T1"',
    })
  })

  test('an item that is gone stays with removed = true', () => {
    const [item] = first.items
    const other = onlyReturn([returnRow({ rowId: 'row-9' })], [])
    const next = nextVersion(first, other) as ReturnOrder
    expect(next.items.find((i) => i.returnItemId === item?.returnItemId)).toMatchObject({ removed: true })
  })
})

test('A14: the newest row of a return without a status takes that of the others, in both forms', () => {
  const known = returnRow({ rowId: 'row-1', returnRequestStatus: 'Approved' })
  const blank = returnRow({ rowId: 'row-2', returnRequestStatus: null, observedAt: known.observedAt + 1 })
  expect(onlyReturn([known, blank], [])).toMatchObject({ status: 'approved', amazonStatus: 'Approved' })
})
