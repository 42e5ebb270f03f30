import { randomBytes } from 'node:crypto'
import { partitionOf } from '@backhaul/kafka'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshReference, type ImporterUnderTest, importerUnderTest, orderOf } from './importer-under-test.ts'

const NDJSON = 'application/x-ndjson'
let importer: ImporterUnderTest
beforeAll(async () => {
  importer = await importerUnderTest()
})
afterAll(() => importer.close())

const statuses = async (reference: string) =>
  (await importer.written(reference)).map(({ order }) => order && `${order.status} ${order.sourceVersion}`)

test('orders as JSON and as NDJSON are published in full, on the partition of their reference', async () => {
  const [first, second, third] = [freshReference(), freshReference(), freshReference()]
  const json = await importer.give([
    orderOf(first, {
      total: { amountMinor: 1999, currency: 'EUR' },
      cancelRequested: { value: 'no', deadlineAt: '2026-07-03T00:00:00Z' },
      metadata: { vat_tax: '3.19' },
    }),
    orderOf(first, { channelId: 'ch_fr' }),
  ])
  expect([json.status, json.body]).toEqual([200, { accepted: 2, unchanged: 0, stale: 0 }])
  const lines = [orderOf(second), orderOf(third)].map((order) => JSON.stringify(order)).join('\n\n')
  const ndjson = await importer.send('POST', '/v1/sales-orders', `${lines}\n`, { type: NDJSON })
  expect([ndjson.status, ndjson.body]).toEqual([200, { accepted: 2, unchanged: 0, stale: 0 }])

  const records = await Promise.all([first, second, third].map(importer.written))
  expect(records.map((r) => r.length)).toEqual([2, 1, 1])
  for (const { key, partition, order } of records.flat()) {
    expect(key).toBe(`${order?.orderReference}|${order?.channelId}`)
    expect(partition).toBe(partitionOf('sales-orders.v1', key as string))
  }
  expect(records[0]?.find((r) => r.order?.channelId === 'ch_de')?.order).toMatchObject({
    tenantId: 'tenant-1',
    salesOrderId: `SO ${first}`,
    sourceVersion: 1,
    orderedAt: Date.UTC(2026, 6, 1, 10),
    total: { amountMinor: 1999, currency: 'EUR' },
    vat: null,
    cancelRequested: { value: 'no', reason: null, deadlineAt: Date.UTC(2026, 6, 3) },
    items: [{ salesOrderItemId: 'line-1', sku: 'SKU-1', quantity: 1, price: null, components: [] }],
    metadata: { vat_tax: '3.19' },
  })
})

test.each(['graphql', 'shopify', 'by hand'])(
  'RC-13: an order from %s is taken like any other',
  async (source) => {
    const reference = freshReference()
    expect((await importer.give(orderOf(reference, { source }))).body.accepted).toBe(1)
    expect((await importer.written(reference)).map((r) => r.order?.source)).toEqual([source])
  },
)

test('with any fault nothing is taken, and all faults are told by position', async () => {
  const [good, bad, worse] = [freshReference(), freshReference(), freshReference()]
  const { status, headers, body } = await importer.give([
    orderOf(good),
    orderOf(bad, { items: [] }),
    orderOf(worse, { channelId: 7, buyerName: 'CANARY' }),
  ])
  expect([status, body.code]).toEqual([422, 'ORDERS_INVALID'])
  expect(headers.get('content-type')).toContain('application/problem+json')
  expect(body.errors.map((e: { pointer: string }) => e.pointer)).toEqual([
    '/body/1/items',
    '/body/2/channelId',
    '/body/2/buyerName',
  ])
  expect(JSON.stringify(body)).not.toContain('CANARY')
  expect(await importer.written(good)).toEqual([])
})

test('RC-08: an order in a channel that does not exist is refused by name, and a new channel is known at once', async () => {
  const [known, unknown] = [freshReference(), freshReference()]
  const give = () => importer.give([orderOf(known), orderOf(unknown, { channelId: 'ch_new' })])
  const { status, body } = await give()
  expect([status, body.code]).toEqual([422, 'CHANNEL_UNKNOWN'])
  expect(body.errors).toEqual([
    { pointer: '/body/1/channelId', detail: 'channel ch_new does not exist: create it first' },
  ])
  expect(await importer.written(known)).toEqual([])
  importer.config.channels['tenant-1']?.push('ch_new')
  expect((await give()).body.accepted).toBe(2)
})

test('tenants do not meet: the same order number is two orders, and the channel of another tenant does not exist', async () => {
  const reference = freshReference()
  const theirs = { key: 'tenant-2' }
  const foreign = await importer.give(orderOf(reference, { channelId: 'ch_de' }), theirs)
  expect([foreign.status, foreign.body.code]).toEqual([422, 'CHANNEL_UNKNOWN'])
  await importer.give(orderOf(reference))
  await importer.give(orderOf(reference, { channelId: 'ch_of_2' }), theirs)
  expect((await importer.delete(reference, 'ch_de', theirs)).status).toBe(404)
  const written = await importer.written(reference)
  expect(written.map(({ order }) => [order?.tenantId, order?.channelId])).toEqual([
    ['tenant-1', 'ch_de'],
    ['tenant-2', 'ch_of_2'],
  ])
})

test('I5: older never overwrites newer, the same again is no second record, a version that only grew counts', async () => {
  const reference = freshReference()
  const give = async (status: string, sourceVersion?: number) => {
    const { body } = await importer.give(orderOf(reference, { status, sourceVersion }))
    return Object.keys(body).find((outcome) => body[outcome] === 1)
  }
  expect(await give('new', 5)).toBe('accepted')
  expect(await give('new', 5)).toBe('unchanged')
  expect(await give('old', 4)).toBe('stale')
  expect(await give('new', 9)).toBe('unchanged')
  expect(await give('in between', 7)).toBe('stale')
  expect(await give('paid', 10)).toBe('accepted')
  expect(await statuses(reference)).toEqual(['new 5', 'paid 10'])
})

test('an order without a version is always the newest', async () => {
  const reference = freshReference()
  const given = Date.now() + 3_600_000
  await importer.give(orderOf(reference, { status: 'a', sourceVersion: given }))
  await importer.give(orderOf(reference, { status: 'b', sourceVersion: undefined }))
  expect(await statuses(reference)).toEqual([`a ${given}`, `b ${given + 1}`])
})

test('a deleted order is a tombstone; older states do not bring it back, the same version does', async () => {
  const reference = freshReference()
  expect((await importer.delete(reference, 'ch_de')).status).toBe(404)
  await importer.give(orderOf(reference, { status: 'a', sourceVersion: 5 }))
  expect((await importer.delete(reference, 'ch_fr')).status).toBe(404)
  expect((await importer.delete(reference, 'ch_de')).status).toBe(204)
  const again = await importer.delete(reference, 'ch_de')
  expect([again.status, again.body.code]).toEqual([404, 'NOT_FOUND'])
  const older = await importer.give(orderOf(reference, { status: 'old', sourceVersion: 4 }))
  expect(older.body.stale).toBe(1)
  expect(await statuses(reference)).toEqual(['a 5', null])
  await importer.give(orderOf(reference, { status: 'a', sourceVersion: 5 }))
  expect(await statuses(reference)).toEqual(['a 5', null, 'a 5'])
})

test.each(['a|b', 'ch_de&channelId=ch_fr'])(
  'a deletion in channel %s is refused or finds nothing: no key of another order can be named',
  async (channelId) => {
    expect([404, 422]).toContain((await importer.delete(freshReference(), channelId)).status)
    const unnamed = await importer.send('DELETE', '/v1/sales-orders/303-1', undefined)
    expect([unnamed.status, unnamed.body.errors[0].pointer]).toEqual([422, '/querystring/channelId'])
  },
)

test('limits: 1,000 orders are taken, 1,001 are not, nor are more than 10 MiB, nor none', async () => {
  const orders = Array.from({ length: 1_001 }, () => orderOf(freshReference()))
  const tooMany = await importer.give(orders)
  expect([tooMany.status, tooMany.body.code]).toEqual([413, 'TOO_MANY_ORDERS'])
  expect((await importer.give(orders.slice(0, 1_000))).body.accepted).toBe(1_000)
  const tooLarge = await importer.give('x'.repeat(10 * 1024 * 1024))
  expect([tooLarge.status, tooLarge.body.code]).toEqual([413, 'BODY_TOO_LARGE'])
  for (const [body, type, status] of [
    ['', 'application/json', 400],
    ['[]', 'application/json', 422],
    ['', NDJSON, 422],
    ['\n', NDJSON, 422],
    ['no json', NDJSON, 422],
    ['<order/>', 'text/xml', 415],
  ] as const) {
    expect((await importer.send('POST', '/v1/sales-orders', body, { type })).status, `${type} ${body}`).toBe(
      status,
    )
  }
})

test('a call as large as it may be is published, also when nothing of it can be compressed', async () => {
  const incompressible = () =>
    Object.fromEntries(
      Array.from({ length: 240 }, (_, n) => [`m${n}`, randomBytes(1_500).toString('base64')]),
    )
  const orders = Array.from({ length: 20 }, () => orderOf(freshReference(), { metadata: incompressible() }))
  const { status, text } = await importer.give(orders)
  expect([status, text]).toEqual([200, JSON.stringify({ accepted: 20, unchanged: 0, stale: 0 })])
})

test('a key is needed, and the scope to write orders', async () => {
  for (const [key, status, code] of [
    ['nobody', 401, 'KEY_UNKNOWN'],
    ['reader', 403, 'SCOPE_MISSING'],
  ] as const) {
    const answer = await importer.give(orderOf(freshReference()), { key })
    expect([answer.status, answer.body.code]).toEqual([status, code])
  }
})

test('/openapi.json tells both ways to send orders, and every answer', async () => {
  const { body } = await importer.send('GET', '/openapi.json', undefined)
  const { post } = body.paths['/v1/sales-orders']
  expect(post.summary).toBe('Give sales orders')
  expect(Object.keys(post.responses)).toEqual(['200', '400', '401', '403', '413', '415', '422', '503'])
})
