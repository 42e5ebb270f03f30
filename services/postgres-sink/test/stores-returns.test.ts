import { type ReturnItem, type ReturnOrder, uuidOf } from '@backhaul/domain'
import { returnItem, returnOrder, returnParcel } from '@backhaul/domain/builders'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type SinkUnderTest, sinkUnderTest } from './sink-under-test.ts'

let sink: SinkUnderTest

beforeAll(async () => {
  sink = await sinkUnderTest()
  await sink.start()
})
afterAll(() => sink.close())

let ids = 0
const freshId = () => uuidOf(`stores-returns/${ids++}`)
/** A return with one item and one parcel, all with ids of their own. */
function freshReturn(given: Partial<ReturnOrder> = {}) {
  const returnOrderId = freshId()
  return returnOrder({
    returnOrderId,
    items: [returnItem({ returnItemId: uuidOf(`${returnOrderId}/item`) })],
    parcels: [returnParcel({ parcelId: uuidOf(`${returnOrderId}/parcel`) })],
    ...given,
  })
}

const rowsOf = (table: string, id: string) =>
  sink.query(`SELECT * FROM returns.${table} WHERE return_order_id = $1`, [id])

test('RC-03: one event becomes one return with its items, parcels and version', async () => {
  const event = freshReturn()
  await sink.write([event])
  await sink.caughtUp()
  const id = event.returnOrderId
  expect(await rowsOf('return_orders', id)).toMatchObject([
    {
      tenant_id: 'tenant-1',
      generation: 1,
      version: '1',
      origin: 'integration',
      order_reference: event.orderReference,
      order_source_rma_id: 'DaBcDeFgRRMA',
      link_status: 'LINKED',
      sales_order_id: 'order-1',
      status: 'approved',
      deleted_at: null,
      event: JSON.parse(JSON.stringify(event)),
    },
  ])
  expect(await rowsOf('return_order_items', id)).toMatchObject([
    {
      sku: 'SKU-1',
      quantity: 1,
      return_reason_id: 'reason-defective',
      order_amount_minor: '1999',
      flags: [],
    },
  ])
  expect(await rowsOf('return_order_parcels', id)).toMatchObject([
    { tracking_number: 'TRACK-1', carrier: 'DHL', label_cost_minor: '499', label_cost_currency: 'EUR' },
  ])
  expect(await rowsOf('return_order_versions', id)).toMatchObject([{ version: '1', changes: [] }])
})

test('RC-05: a changed return stays one row; its versions are all kept', async () => {
  const event = freshReturn()
  const changes = [{ path: 'status', before: '"approved"', after: '"received"' }]
  await sink.write([event, { ...event, version: 2, status: 'received', changes }])
  await sink.caughtUp()
  expect(await rowsOf('return_orders', event.returnOrderId)).toMatchObject([
    { version: '2', status: 'received' },
  ])
  expect(await rowsOf('return_order_versions', event.returnOrderId)).toMatchObject([
    { version: '1', changes: [] },
    { version: '2', changes },
  ])
})

test('items and parcels of the version before give way to those of the newest', async () => {
  const event = freshReturn({
    items: [returnItem({ returnItemId: freshId() }), returnItem({ returnItemId: freshId() })],
  })
  const [kit, part] = [
    { ...(event.items[0] as ReturnItem), removed: true },
    returnItem({ returnItemId: freshId(), kitSku: 'SKU-1' }),
  ]
  const parcel = returnParcel({ parcelId: freshId(), trackingNumber: 'TRACK-2' })
  await sink.write([event])
  await sink.write([{ ...event, version: 2, items: [kit, part], parcels: [parcel] }])
  await sink.caughtUp()
  const items = await rowsOf('return_order_items', event.returnOrderId)
  expect(items.map((i) => [i.return_item_id, i.removed]).sort()).toEqual(
    [
      [kit.returnItemId, true],
      [part.returnItemId, false],
    ].sort(),
  )
  const parcels = await rowsOf('return_order_parcels', event.returnOrderId)
  expect(parcels.map((p) => p.tracking_number)).toEqual(['TRACK-2'])
})

test('a greater generation wins over a greater version', async () => {
  const event = freshReturn({ version: 7 })
  await sink.write([
    event,
    { ...event, generation: 2, version: 1, status: 'closed' },
    { ...event, version: 8 },
  ])
  await sink.caughtUp()
  expect(await rowsOf('return_orders', event.returnOrderId)).toMatchObject([
    { generation: 2, version: '1', status: 'closed' },
  ])
})

test('a tombstone marks a return as deleted; an old event that comes late does not bring it back', async () => {
  const [alone, together] = [freshReturn(), freshReturn()]
  await sink.write([alone, together])
  await sink.caughtUp()
  await sink.write([alone.returnOrderId])
  await sink.write([alone])
  // The same, inside one batch.
  await sink.write([together.returnOrderId, together])
  await sink.caughtUp()
  for (const { returnOrderId } of [alone, together]) {
    const [row] = await rowsOf('return_orders', returnOrderId)
    expect(row).toMatchObject({ version: '1', deleted_at: expect.any(Date) })
  }
})

test('a newer version after a tombstone is a return again', async () => {
  const event = freshReturn()
  await sink.write([event, event.returnOrderId, { ...event, version: 2 }])
  await sink.caughtUp()
  expect(await rowsOf('return_orders', event.returnOrderId)).toMatchObject([
    { version: '2', deleted_at: null },
  ])
})

test('B9: days stay the days they are, in any zone', async () => {
  const event = freshReturn({ requestedOn: '2026-03-29', orderedOn: '2026-07-14', deliveredOn: '2026-10-25' })
  await sink.write([event])
  await sink.caughtUp()
  for (const zone of ['Asia/Tokyo', 'America/Los_Angeles', 'Europe/Berlin']) {
    const rows = await sink.query(
      `SELECT requested_on::text, ordered_on::text, delivered_on::text
       FROM returns.return_orders, set_config('timezone', $2, false) WHERE return_order_id = $1`,
      [event.returnOrderId, zone],
    )
    expect(rows).toEqual([
      { requested_on: '2026-03-29', ordered_on: '2026-07-14', delivered_on: '2026-10-25' },
    ])
  }
})

test('B6: money that is not known is NULL, not 0; nothing is 0 only where Amazon says 0', async () => {
  const blank = freshReturn()
  const none = freshReturn()
  const items = none.items.map((i) => ({ ...i, refunded: { amountMinor: 0, currency: 'EUR' } }))
  await sink.write([blank, { ...none, items }])
  await sink.caughtUp()
  expect(await rowsOf('return_order_items', blank.returnOrderId)).toMatchObject([
    { refunded_minor: null, refunded_currency: null },
  ])
  expect(await rowsOf('return_order_items', none.returnOrderId)).toMatchObject([
    { refunded_minor: '0', refunded_currency: 'EUR' },
  ])
})

test('RC-07: returns are found by their origin', async () => {
  const [mine, other] = [
    freshReturn({ tenantId: 'tenant-7' }),
    freshReturn({ tenantId: 'tenant-7', origin: 'portal' }),
  ]
  await sink.write([mine, other])
  await sink.caughtUp()
  const sql = `SELECT return_order_id FROM returns.return_orders WHERE tenant_id = 'tenant-7' AND origin = $1`
  expect(await sink.query(sql, ['integration'])).toEqual([{ return_order_id: mine.returnOrderId }])
})

test('C16: what cannot be read or stored goes to the dead letters once each, untouched; its neighbours are stored', async () => {
  const events = Array.from({ length: 9 }, () => freshReturn())
  const [first, second, third] = [freshReturn(), freshReturn(), freshReturn()]
  const refused = freshReturn({ invoiceNumber: 'not\u0000storable' })
  const twice = freshReturn()
  const before = (await sink.deadLetters()).length
  await sink.write([
    ...events.slice(0, 4),
    refused,
    ...events.slice(4),
    { ...twice, items: [...twice.items, ...twice.items] },
    first,
  ])
  await sink.writeBytes(second.returnOrderId, Buffer.from('not Avro'))
  await sink.write([third])
  await sink.caughtUp()

  const letters = (await sink.deadLetters()).slice(before)
  expect(letters.map((l) => [l.key, l.headers['error-code'], l.headers.step]).sort()).toEqual(
    [
      [refused.returnOrderId, 'RETURN_ORDER_UNSTORABLE', 'write-batch'],
      [twice.returnOrderId, 'RETURN_ORDER_UNSTORABLE', 'write-batch'],
      [second.returnOrderId, 'UNDECODABLE_FRAME', 'read-return'],
    ].sort(),
  )
  for (const { headers } of letters) {
    expect(headers).toMatchObject({ 'origin-topic': 'return-orders.v1', 'origin-partition': '2' })
    expect(JSON.stringify(headers)).not.toContain('not\\u0000storable')
  }
  expect(letters.find((l) => l.key === second.returnOrderId)?.value).toEqual(Buffer.from('not Avro'))
  const stored = await sink.query(
    'SELECT return_order_id FROM returns.return_orders WHERE return_order_id = ANY($1)',
    [[...events, first, third, refused, twice].map((e) => e.returnOrderId)],
  )
  expect(stored.map((r) => r.return_order_id).sort()).toEqual(
    [...events, first, third].map((e) => e.returnOrderId).sort(),
  )
})

test('a record with the key of another return is a dead letter', async () => {
  const event = freshReturn()
  const before = (await sink.deadLetters()).length
  await sink.writeAs('another-key', event)
  await sink.caughtUp()
  expect((await sink.deadLetters()).slice(before)).toMatchObject([
    { key: 'another-key', headers: { 'error-code': 'CONTRACT_BROKEN' } },
  ])
  expect(await rowsOf('return_orders', event.returnOrderId)).toEqual([])
})
