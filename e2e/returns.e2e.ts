import { randomUUID } from 'node:crypto'
import { COLUMNS, renderReport } from '@backhaul/amazon-simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  daysAgo,
  freshReference,
  giveOrders,
  orderLine,
  type ReportRow,
  reportRow,
  salesOrder,
  tellAmazon,
} from './src/given.ts'
import { analyticsOf, returnEverywhere, versionsOf } from './src/returns.ts'
import {
  DE,
  endedRun,
  FR,
  fetchReports,
  mapReason,
  type Run,
  type Seller,
  setUpSeller,
} from './src/seller.ts'
import { type Story, startStory } from './src/story.ts'

let story: Story
let seller: Seller

beforeAll(async () => {
  story = await startStory()
  seller = await setUpSeller(story, [DE, FR])
})
afterAll(() => story?.stop())

const fetchNow = () => fetchReports(story, seller)
const runOf = (runs: readonly Run[], marketplaceId: string) =>
  runs.find((run) => run.marketplaceId === marketplaceId) as Run

/** Tells Amazon and has it fetched. */
async function fetched(...rows: ReportRow[]): Promise<Run> {
  tellAmazon(story, DE, rows)
  return runOf(await fetchNow(), DE)
}

test('RC-03, RC-04, RC-14, RC-49, RC-50, RC-62 to RC-66: a return at Amazon becomes one linked ReturnOrder in Kafka, Postgres and ClickHouse', async () => {
  const reference = freshReference()
  const line = orderLine('SKU-1', { quantity: 2 })
  await giveOrders(story, [
    salesOrder(reference, seller.channels[DE], { items: [line], subTypes: ['Prime'] }),
  ])
  await fetched(
    reportRow(reference, {
      'Return quantity': '2',
      'Order quantity': '2',
      'Return carrier': 'DHL',
      'Tracking ID': 'TRK-1',
      'Return delivery date': daysAgo(5),
      'Refunded Amount': '39.98',
    }),
  )

  const [event] = await returnEverywhere(story, reference, 1)
  expect(event).toMatchObject({
    origin: 'integration',
    status: 'refunded',
    channelId: seller.channels[DE],
    link: { status: 'LINKED', reason: null, salesOrderId: `order ${reference}` },
    buyerRef: `buyer of ${reference}`,
    shipToCountry: 'DE',
    orderSubTypes: ['Prime'],
    items: [
      {
        sku: 'SKU-1',
        quantity: 2,
        variationId: 'variation-SKU-1',
        salesOrderItemId: 'line-SKU-1',
        link: { status: 'LINKED', reason: null },
        reason: { raw: 'CR-DEFECTIVE', code: 'DEFECTIVE', returnReasonId: seller.defective },
        refunded: { amountMinor: 3998, currency: 'EUR' },
      },
    ],
    parcels: [{ trackingNumber: 'TRK-1', carrier: 'DHL', status: 'delivered' }],
    changes: [],
  })
  expect(
    await story.query(
      `SELECT r.link_status, r.sales_order_id, i.sku, i.sales_order_item_id, i.return_reason_id, i.refunded_minor, p.tracking_number
       FROM returns.return_orders r JOIN returns.return_order_items i USING (return_order_id)
       JOIN returns.return_order_parcels p USING (return_order_id) WHERE r.order_reference = $1`,
      [reference],
    ),
  ).toEqual([
    {
      link_status: 'LINKED',
      sales_order_id: `order ${reference}`,
      sku: 'SKU-1',
      sales_order_item_id: 'line-SKU-1',
      return_reason_id: seller.defective,
      refunded_minor: '3998',
      tracking_number: 'TRK-1',
    },
  ])
  expect(await analyticsOf(story, reference)).toMatchObject([
    {
      origin: 'integration',
      channel_id: seller.channels[DE],
      link_status: 'LINKED',
      sales_order_item_id: 'line-SKU-1',
      return_reason_id: seller.defective,
      refunded_minor_by_currency: { EUR: 3998 },
    },
  ])
})

test('SO-10, RC-10, A3: the order that comes a week later completes its return by itself', async () => {
  const reference = freshReference()
  await fetched(reportRow(reference, { 'Return request date': daysAgo(7) }))
  const [waiting] = await returnEverywhere(story, reference, 1)
  expect(waiting?.link).toMatchObject({ status: 'WAITING', reason: 'ORDER_MISSING', salesOrderId: null })

  await giveOrders(story, [salesOrder(reference, seller.channels[DE])])
  const [, linked] = await returnEverywhere(story, reference, 2)
  expect(linked?.link).toMatchObject({ status: 'LINKED', reason: null, salesOrderId: `order ${reference}` })
  expect(linked?.returnOrderId).toBe(waiting?.returnOrderId)
})

test('RC-11, RC-43, RC-45: an order in another channel is named and not linked; of two, the one in the mapped channel is', async () => {
  const [elsewhere, both] = [freshReference(), freshReference()]
  await giveOrders(story, [
    salesOrder(elsewhere, seller.channels[FR]),
    salesOrder(both, seller.channels[FR], { salesOrderId: 'the French one' }),
    salesOrder(both, seller.channels[DE], { salesOrderId: 'the German one' }),
  ])
  await fetched(reportRow(elsewhere), reportRow(both))
  const [unlinked] = await returnEverywhere(story, elsewhere, 1)
  expect(unlinked?.link).toMatchObject({
    status: 'WAITING',
    reason: 'ORDER_IN_OTHER_CHANNEL',
    detail: expect.stringContaining(`Channel of ${FR}`),
    salesOrderId: null,
  })
  const [linked] = await returnEverywhere(story, both, 1)
  expect(linked?.link).toMatchObject({ status: 'LINKED', salesOrderId: 'the German one' })
})

test('RC-15: an unknown SKU leaves only its item unassigned', async () => {
  const reference = freshReference()
  await giveOrders(story, [salesOrder(reference, seller.channels[DE])])
  await fetched(reportRow(reference), reportRow(reference, { 'Merchant SKU': 'SKU-UNKNOWN' }))
  const event = (await returnEverywhere(story, reference, (newest) => newest.items.length === 2)).at(-1)
  expect(event?.link).toMatchObject({ status: 'PARTLY', salesOrderId: `order ${reference}` })
  expect(await analyticsOf(story, reference)).toMatchObject([
    { sku: 'SKU-1', item_link_status: 'LINKED', sales_order_item_id: 'line-SKU-1' },
    {
      sku: 'SKU-UNKNOWN',
      item_link_status: 'UNASSIGNED',
      item_link_reason: 'SKU_UNKNOWN',
      sales_order_item_id: null,
    },
  ])
})

test('A1: the same document again, shuffled and with other blanks, makes no event', async () => {
  const rows = [reportRow(freshReference()), reportRow(freshReference()), reportRow(freshReference())]
  await fetched(...rows)
  for (const row of rows) await returnEverywhere(story, row['Order ID'] as string, 1)
  const before = await story.events()

  const told = story.amazon.givenRows.get(DE) as ReportRow[]
  const spaced = told.map((row) => ({ ...row, 'Merchant RMA ID': '   ', ASIN: ` ${row.ASIN}  ` }))
  story.amazon.givenRows.set(DE, spaced.toReversed())
  const run = runOf(await fetchNow(), DE)
  expect(run.counts).toMatchObject({
    rowsInDocument: told.length,
    new: 0,
    changed: 0,
    unchanged: told.length,
  })
  await settled()
  expect(await story.events()).toHaveLength(before.length + 1)
})

test('RC-05, RC-47, A5: status and tracking that change together make one event, which says both', async () => {
  const reference = freshReference()
  await giveOrders(story, [salesOrder(reference, seller.channels[DE])])
  await fetched(reportRow(reference))
  const [first] = await returnEverywhere(story, reference, 1)
  const run = await fetched(
    reportRow(reference, {
      'Return request status': 'Closed',
      'Tracking ID': 'TRK-5',
      'Return carrier': 'DHL',
    }),
  )
  expect(run.counts).toMatchObject({ new: 0, changed: 1 })
  const [, second] = await returnEverywhere(story, reference, 2)
  expect(second?.returnOrderId).toBe(first?.returnOrderId)
  expect(second?.changes).toEqual(
    expect.arrayContaining([
      { path: 'amazonStatus', before: '"Approved"', after: '"Closed"' },
      {
        path: `parcels[${first?.parcels[0]?.parcelId}].trackingNumber`,
        before: 'null',
        after: '"TRK-5"',
      },
    ]),
  )
  const [{ versions } = { versions: 0 }] = await story.query<{ versions: number }>(
    'SELECT count(*)::int AS versions FROM returns.return_order_versions WHERE return_order_id = $1',
    [first?.returnOrderId],
  )
  expect(versions).toBe(2)
})

test('RC-51, RC-54, RC-55, RC-56: a changed mapping holds for the next new return, never for one already imported', async () => {
  const [imported, next, unmapped] = [freshReference(), freshReference(), freshReference()]
  const row = (reference: string, given: ReportRow = {}) =>
    reportRow(reference, { 'Merchant SKU': 'SKU-REASONS', ...given })
  await fetched(row(imported))
  await returnEverywhere(story, imported, 1)

  const { id: faulty } = await story.call<{ id: string }>('config-service', 'POST', '/v1/return-reasons', {
    code: randomUUID(),
    name: 'Faulty',
  })
  await mapReason(story.call, seller.integrationId, 'CR-DEFECTIVE', faulty)
  await fetched(
    row(imported, { 'Tracking ID': 'TRK-7' }),
    row(next),
    row(unmapped, { 'Return Reason': 'CR-SWITCHEROO' }),
  )
  const reasonOf = async (reference: string, version: number) =>
    (await returnEverywhere(story, reference, version)).at(-1)?.items[0]?.reason
  expect(await reasonOf(imported, 2)).toMatchObject({ returnReasonId: seller.defective })
  expect(await reasonOf(next, 1)).toMatchObject({ returnReasonId: faulty })
  expect(await reasonOf(unmapped, 1)).toMatchObject({ raw: 'CR-SWITCHEROO', returnReasonId: null })
  const shown = await story.analytics(
    `SELECT reason, return_reason, toInt32(returns) AS returns FROM return_reasons WHERE sku = 'SKU-REASONS' ORDER BY reason, return_reason = '${faulty}'`,
  )
  expect(shown).toEqual([
    { reason: 'DEFECTIVE', return_reason: seller.defective, returns: 1 },
    { reason: 'DEFECTIVE', return_reason: faulty, returns: 1 },
    { reason: 'SWITCHEROO', return_reason: 'unmapped', returns: 1 },
  ])
  await mapReason(story.call, seller.integrationId, 'CR-DEFECTIVE', seller.defective)
})

async function imports(document: string): Promise<Run> {
  const form = new FormData()
  form.set('integrationId', seller.integrationId)
  form.set('marketplaceId', DE)
  form.set('file', new Blob([document]), 'returns.txt')
  const { reportRunId } = await story.call<{ reportRunId: string }>(
    'report-fetcher',
    'POST',
    '/v1/imports',
    form,
  )
  return endedRun(story, reportRunId)
}

test('SC-06, A1: a document that was fetched gives the same return when it is imported by hand; a new one gives a new return', async () => {
  const [fetchedOne, uploaded] = [freshReference(), freshReference()]
  await fetched(reportRow(fetchedOne))
  const same = await imports(renderReport([reportRow(fetchedOne)], COLUMNS))
  expect(same).toMatchObject({
    state: 'PUBLISHED',
    counts: { rowsInDocument: 1, new: 0, changed: 0, unchanged: 1, skipped: {}, rejected: {} },
  })

  const unreadable = reportRow(freshReference(), { 'Return request date': '31-Feb-2026' })
  const mixed = [fetchedOne, uploaded, ...Array.from({ length: 4 }, freshReference)].map((r) => reportRow(r))
  const added = await imports(renderReport([...mixed, unreadable], COLUMNS))
  expect(added.counts).toMatchObject({
    rowsInDocument: 7,
    new: 5,
    changed: 0,
    unchanged: 1,
    rejected: { date_unreadable: 1 },
  })
  await returnEverywhere(story, uploaded, 1)
  expect(await versionsOf(story, fetchedOne)).toHaveLength(1)
})

test('SC-06: a file that is no returns report is refused, and the reason says what it looks like', async () => {
  await expect(imports('amazon-order-id\tpurchase-date\n303-1\t2026-01-01\n')).rejects.toThrow(
    /422.*DOCUMENT_NOT_RETURNS.*an orders report/,
  )
  await expect(imports('<!DOCTYPE html><html></html>')).rejects.toThrow(/422.*an HTML page/)
})

/** Waits until a return that was told last is through: what stood before it in its partition is too. */
async function settled(): Promise<void> {
  const reference = freshReference()
  await fetched(reportRow(reference))
  await returnEverywhere(story, reference, 1)
}
