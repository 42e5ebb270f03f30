import { randomBytes } from 'node:crypto'
import { orderItem, returnRow, salesOrder } from '@backhaul/domain/builders'
import { partitionOf } from '@backhaul/kafka'
import type { StartedService } from '@backhaul/runtime'
import { eventually } from '@backhaul/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { INTEGRATION_NAME, importConfig } from './config-stub.ts'
import { type ReconcilerUnderTest, reconcilerUnderTest } from './reconciler-under-test.ts'

let reconciler: ReconcilerUnderTest
let started: StartedService

beforeAll(async () => {
  reconciler = await reconcilerUnderTest()
  started = await reconciler.start()
})
afterAll(() => reconciler.close())

let references = 0
/** An order reference of one's own, and rows and orders with it. */
function freshOrder() {
  references += 1
  const orderReference = `303-0000000-${String(references).padStart(7, '0')}`
  const ids = { rowId: `row-${references}`, returnId: `return-${references}`, orderReference }
  return {
    orderReference,
    row: (given: Parameters<typeof returnRow>[0] = {}) => returnRow({ ...ids, ...given }),
    order: (given: Parameters<typeof salesOrder>[0] = {}) => salesOrder({ orderReference, ...given }),
    events: async () => {
      await reconciler.caughtUp()
      return reconciler.eventsOf(orderReference)
    },
  }
}

const DAY_MS = 86_400_000
const later = (days: number) => ({
  observedAt: returnRow().observedAt + days * DAY_MS,
  fetchedAt: returnRow().fetchedAt + days * DAY_MS,
})

test('RC-03, RC-04, RC-06, RC-09: a return whose order is in its channel is one linked event of origin "integration"', async () => {
  const { row, order, events } = freshOrder()
  await reconciler.writeOrders([order()])
  await reconciler.caughtUp()
  await reconciler.writeRows([row()])
  expect(await events()).toMatchObject([
    {
      version: 1,
      generation: 1,
      origin: 'integration',
      link: { status: 'LINKED', reason: null, salesOrderId: 'order-1' },
      changes: [],
      items: [{ sku: 'SKU-1', variationId: 'variation-1', salesOrderItemId: 'line-1' }],
      buyerRef: 'buyer-1',
    },
  ])
})

test('R4, R6, RC-03, A5: a return of two lines is one event; both lines changed by one document are one event', async () => {
  const { row, order, events } = freshOrder()
  const lines = (given: Parameters<typeof returnRow>[0]) => [
    row({ ...given }),
    row({ rowId: `second-${references}`, merchantSku: 'SKU-2', ...given }),
  ]
  const items = [orderItem(), orderItem({ salesOrderItemId: 'line-2', sku: 'SKU-2' })]
  await reconciler.writeOrders([order({ items })])
  await reconciler.caughtUp()
  await reconciler.writeRows(lines({}))
  expect(await events()).toMatchObject([{ version: 1, link: { status: 'LINKED' }, items: [{}, {}] }])
  await reconciler.writeRows(lines({ ...later(1), reportRunId: 'run-2', returnReason: 'CR-UNWANTED_ITEM' }))
  const [, second, ...more] = await events()
  expect(more).toEqual([])
  expect(second?.changes.filter((c) => c.path.endsWith('.reason.raw'))).toHaveLength(2)
})

test('R7, SO-10, A3: an order that comes after its return completes it by itself, without another row', async () => {
  const { row, order, events } = freshOrder()
  await reconciler.writeRows([row()])
  expect(await events()).toMatchObject([{ version: 1, link: { status: 'WAITING', reason: 'ORDER_MISSING' } }])
  await reconciler.writeOrders([order()])
  const [, completed] = await events()
  expect(completed).toMatchObject({ version: 2, link: { status: 'LINKED', reason: null } })
  expect(completed?.changes).toContainEqual({
    path: 'link.status',
    before: '"WAITING"',
    after: '"LINKED"',
  })
})

test('R7, RC-10: without its order a return is kept as waiting, and says what to do', async () => {
  const { row, events } = freshOrder()
  await reconciler.writeRows([row()])
  const [event] = await events()
  expect(event?.link).toMatchObject({ status: 'WAITING', reason: 'ORDER_MISSING', salesOrderId: null })
  expect(event?.link.detail).toContain('Import the sales order')
})

test('RC-11: an order in another channel is not linked, and that channel is named', async () => {
  const { row, order, events } = freshOrder()
  await reconciler.writeOrders([order({ channelId: 'channel-fr' })])
  await reconciler.caughtUp()
  await reconciler.writeRows([row()])
  const [event] = await events()
  expect(event?.link).toMatchObject({ status: 'WAITING', reason: 'ORDER_IN_OTHER_CHANNEL' })
  expect(event?.link.detail).toContain('Amazon FR')
})

test('RC-11: a channel that was made after the settings of the row is named too; one that nobody made by its id', async () => {
  reconciler.config.addChannel('channel-late', 'Amazon PL')
  for (const [channelId, called] of [
    ['channel-late', 'Amazon PL'],
    ['channel-unmade', 'channel-unmade'],
  ] as const) {
    const { row, order, events } = freshOrder()
    await reconciler.writeRows([row()])
    await reconciler.writeOrders([order({ channelId })])
    await reconciler.caughtUp()
    expect((await events()).at(-1)?.link).toMatchObject({
      reason: 'ORDER_IN_OTHER_CHANNEL',
      detail: expect.stringContaining(called),
    })
  }
})

test('RC-43, RC-45: of two orders with one number, the one in the mapped channel is taken', async () => {
  const { row, order, events } = freshOrder()
  await reconciler.writeOrders([
    order({ channelId: 'channel-fr', salesOrderId: 'order-fr' }),
    order({ salesOrderId: 'order-de' }),
  ])
  await reconciler.caughtUp()
  await reconciler.writeRows([row()])
  expect(await events()).toMatchObject([{ link: { status: 'LINKED', salesOrderId: 'order-de' } }])
})

test('RC-13: the link does not ask where the order came from', async () => {
  for (const source of ['amazon', 'graphql', 'rest', 'file', 'a shop']) {
    const { row, order, events } = freshOrder()
    await reconciler.writeOrders([order({ source })])
    await reconciler.writeRows([row()])
    expect((await events()).at(-1)?.link.status).toBe('LINKED')
  }
})

test('RC-15: an item with an unknown SKU stays unassigned, its return is there', async () => {
  const { row, order, events } = freshOrder()
  await reconciler.writeOrders([order({ items: [orderItem({ sku: 'ANOTHER' })] })])
  await reconciler.caughtUp()
  await reconciler.writeRows([row()])
  expect(await events()).toMatchObject([
    {
      link: { status: 'PARTLY', reason: 'SKU_UNKNOWN', salesOrderId: 'order-1' },
      items: [{ variationId: null, link: { status: 'UNASSIGNED', reason: 'SKU_UNKNOWN' } }],
    },
  ])
})

test('R4, RC-05, A5: a changed row is a new version of the same return, with what changed', async () => {
  const { row, events } = freshOrder()
  await reconciler.writeRows([row()])
  const changed = { returnRequestStatus: 'Closed', trackingId: 'TRACK-1', ...later(1) }
  await reconciler.writeRows([row(changed)])
  const [first, second, ...more] = await events()
  expect(more).toEqual([])
  expect(second).toMatchObject({ returnOrderId: first?.returnOrderId, version: 2, amazonStatus: 'Closed' })
  const changes = new Map(second?.changes.map((c) => [c.path, [c.before, c.after]]))
  expect(changes.get('amazonStatus')).toEqual(['"Approved"', '"Closed"'])
  expect([...changes.keys()].some((path) => /^parcels\[.*\]\.trackingNumber$/.test(path))).toBe(true)
})

test('R3, A1: the same row again, read later and by another document, is no event', async () => {
  const { row, order, events } = freshOrder()
  await reconciler.writeOrders([order()])
  await reconciler.writeRows([row()])
  const before = await events()
  await reconciler.writeRows([row(), row({ ...later(1), documentSha256: '1'.repeat(64), rowNumber: 9 })])
  await reconciler.writeOrders([order({ sourceVersion: 2 })])
  expect(await events()).toEqual(before)
})

test('R5, A4, A14: an older observation and a later blank change nothing', async () => {
  const { row, events } = freshOrder()
  await reconciler.writeRows([row({ trackingId: 'TRACK-1', ...later(2) })])
  const before = await events()
  await reconciler.writeRows([
    row({ returnRequestStatus: 'Pending', ...later(1) }),
    row({ trackingId: null, ...later(3) }),
  ])
  expect(await events()).toEqual(before)
})

test('R8, RC-56: a changed mapping leaves a return its reason, also through updates; a new return gets the new one', async () => {
  reconciler.config.add(2, { reasons: [{ amazonReason: 'DEFECTIVE', returnReasonId: 'reason-new' }] })
  const [known, fresh] = [freshOrder(), freshOrder()]
  await reconciler.writeRows([known.row()])
  await reconciler.writeRows([
    known.row({ configVersion: 2, returnRequestStatus: 'Closed', ...later(1) }),
    fresh.row({ configVersion: 2 }),
  ])
  const reasons = (await known.events()).map((e) => e.items[0]?.reason)
  expect(reasons).toHaveLength(2)
  for (const reason of reasons)
    expect(reason).toMatchObject({ returnReasonId: 'reason-broken', mappedByConfigVersion: 1 })
  expect((await fresh.events())[0]?.items[0]?.reason).toMatchObject({ returnReasonId: 'reason-new' })
})

test('Q2, SC-10: a row that the settings leave out is no event; once they let it in, it is', async () => {
  const { importSettings } = importConfig(3)
  reconciler.config.add(3, { importSettings: { ...importSettings, statuses: 'approved' } })
  const { row, events } = freshOrder()
  await reconciler.writeRows([row({ configVersion: 3, returnRequestStatus: 'Pending' })])
  expect(await events()).toEqual([])
  await reconciler.writeRows([row({ configVersion: 3, ...later(1) })])
  expect(await events()).toMatchObject([{ version: 1, amazonStatus: 'Approved' }])
})

test('R16: a tombstone of the sales order unlinks its return', async () => {
  const { row, order, orderReference, events } = freshOrder()
  await reconciler.writeOrders([order()])
  await reconciler.caughtUp()
  await reconciler.writeRows([row()])
  await reconciler.caughtUp()
  await reconciler.writeOrders([`${orderReference}|channel-de`])
  expect((await events()).map((e) => [e.version, e.link.status, e.link.reason])).toEqual([
    [1, 'LINKED', null],
    [2, 'WAITING', 'ORDER_MISSING'],
  ])
})

test('R9: two tenants with one order number never meet, and neither hears of the other', async () => {
  const { row, order, events } = freshOrder()
  const theirs = {
    tenantId: 'tenant-2',
    rowId: 'their-row',
    returnId: 'their-return',
    channelId: 'their-channel',
  }
  await reconciler.writeOrders([order()])
  await reconciler.caughtUp()
  await reconciler.writeRows([row(), row(theirs)])
  const all = await events()
  expect(all.map((e) => [e.tenantId, e.link.status, e.link.reason]).sort()).toEqual([
    ['tenant-1', 'LINKED', null],
    ['tenant-2', 'WAITING', 'ORDER_MISSING'],
  ])
  expect(JSON.stringify(all.filter((e) => e.tenantId === 'tenant-2'))).not.toMatch(
    /channel-de|order-1|buyer-1/,
  )
})

test('R9, RC-17: the name of the integration is in no event, no state and no header', async () => {
  const { row, events } = freshOrder()
  await reconciler.writeRows([row()])
  expect(await events()).toHaveLength(1)
  for (const topic of [
    'return-orders.v1',
    'reconciler.order-state.v1',
    'dead-letters.reconciler.v1',
  ] as const) {
    for (const { value, headers } of await reconciler.read(topic)) {
      expect(String(value) + JSON.stringify(headers)).not.toContain(INTEGRATION_NAME)
    }
  }
})

test('R10, A10, A16: an event stands on the partition of its order, its headers say what it is', async () => {
  const { row, orderReference, events } = freshOrder()
  await reconciler.writeRows([row()])
  const [event] = await events()
  const written = (await reconciler.read('return-orders.v1')).filter((w) => w.key === event?.returnOrderId)
  expect(written).toMatchObject([
    {
      partition: partitionOf('amazon-return-rows.v1', orderReference),
      headers: {
        ce_id: `${event?.returnOrderId}:1:1`,
        ce_type: 'backhaul.ReturnOrder',
        ce_subject: event?.returnOrderId,
      },
    },
  ])
})

test('R12, C16: a record whose order would outgrow what a broker takes is a dead letter; the order goes on as if it had not come', async () => {
  const { row, order, events } = freshOrder()
  const known = (await reconciler.deadLetters()).length
  const half = () => ({ free: randomBytes(600_000).toString('base64') })
  await reconciler.writeRows([row({ extra: half() })])
  expect(await events()).toHaveLength(1)
  await reconciler.writeRows([row({ rowId: `too-much-${references}`, merchantSku: 'SKU-2', extra: half() })])
  await reconciler.writeOrders([order()])
  const [, second, ...more] = await events()
  expect(second).toMatchObject({ version: 2, link: { status: 'LINKED' }, items: [{ sku: 'SKU-1' }] })
  expect(more).toEqual([])
  const letters = (await reconciler.deadLetters()).slice(known)
  expect(letters.map(({ headers }) => headers['error-code'])).toEqual(['MESSAGE_TOO_LARGE'])
})

test('R12, C16: a count that no record can hold costs one dead letter, not the service', async () => {
  const [odd, neighbour] = [freshOrder(), freshOrder()]
  const known = (await reconciler.deadLetters()).length
  const parts = [{ sku: 'PART', variationId: null, quantity: 2_147_483_647 }]
  await reconciler.writeOrders([odd.order({ items: [orderItem({ components: parts })] })])
  await reconciler.caughtUp()
  await reconciler.writeRows([odd.row({ returnQuantity: '1' }), neighbour.row()])
  expect(await odd.events()).toHaveLength(1)
  await reconciler.writeOrders([
    odd.order({ sourceVersion: 2, items: [orderItem({ quantity: 2, components: parts })] }),
  ])
  await reconciler.writeRows([neighbour.row({ ...later(1), returnRequestStatus: 'Closed' })])
  expect(await neighbour.events()).toHaveLength(2)
  expect(await odd.events()).toHaveLength(1)
  const letters = (await reconciler.deadLetters()).slice(known)
  expect(letters.map(({ headers }) => headers['error-code'])).toEqual(['UNENCODABLE'])
})

test('R12, C16: bad records go to the dead letters once each, with code and origin; their neighbours pass', async () => {
  const [before, after, misplaced, unknown] = [freshOrder(), freshOrder(), freshOrder(), freshOrder()]
  const right = partitionOf('sales-orders.v1', `${misplaced.orderReference}|channel-de`)
  const wrong = (right + 1) % 4
  const known = (await reconciler.deadLetters()).length
  await reconciler.writeRows([before.row()])
  await reconciler.writeBytes('amazon-return-rows.v1', before.orderReference, Buffer.from('not Avro'), 0)
  await reconciler.writeBytes('amazon-return-rows.v1', before.orderReference, null, 0)
  await reconciler.writeBytes(
    'sales-orders.v1',
    `${misplaced.orderReference}|channel-de`,
    reconciler.encode(misplaced.order()),
    wrong,
  )
  await reconciler.writeBytes(
    'sales-orders.v1',
    `${misplaced.orderReference}|channel-de`,
    reconciler.encode(before.order()),
    right,
  )
  await reconciler.writeRows([unknown.row({ configVersion: 99 }), after.row()])
  await reconciler.caughtUp()

  const letters = (await reconciler.deadLetters()).slice(known)
  const origins = letters.map(({ headers }) => [
    headers['error-code'],
    headers['origin-topic'],
    headers['origin-partition'],
  ])
  const rows = 'amazon-return-rows.v1'
  expect(origins.sort()).toEqual(
    [
      ['UNDECODABLE_FRAME', rows, '0'],
      ['CONTRACT_BROKEN', rows, '0'],
      ['SALES_ORDER_MISPLACED', 'sales-orders.v1', String(wrong)],
      ['CONTRACT_BROKEN', 'sales-orders.v1', String(right)],
      ['CONFIG_VERSION_UNKNOWN', rows, String(partitionOf(rows, unknown.orderReference))],
    ].sort(),
  )
  for (const { headers } of letters) expect(headers['origin-offset']).toMatch(/^\d+$/)
  const named = letters.find(({ headers }) => headers['error-code'] === 'SALES_ORDER_MISPLACED')
  expect(named?.headers['error-message']).toContain(`belongs in partition ${right}, not ${wrong}`)
  expect(named?.value).toEqual(reconciler.encode(misplaced.order()))
  expect(await before.events()).toHaveLength(1)
  expect(await after.events()).toHaveLength(1)
  expect(await unknown.events()).toEqual([])
})

test('R19: config-service down: the row waits, /ready says why, nothing is lost or doubled', async () => {
  reconciler.config.add(4)
  reconciler.config.down = true
  const { row, events } = freshOrder()
  await reconciler.writeRows([row({ configVersion: 4 })])
  await eventually(async () => {
    const ready = await fetch(`${started.url}/ready`)
    expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('answered 503')])
  })
  reconciler.config.down = false
  expect(await events()).toMatchObject([{ version: 1 }])
  expect((await fetch(`${started.url}/ready`)).status).toBe(200)
})
