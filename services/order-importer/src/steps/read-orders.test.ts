import { expect, test } from 'vitest'
import { MOST_ORDERS, readNdjson, readOrders } from './read-orders.ts'

const good = {
  salesOrderId: 'SO-1',
  orderReference: '303-1',
  channelId: 'ch_1',
  source: 'rest',
  orderedAt: '2026-07-01T10:00:00Z',
  items: [{ salesOrderItemId: 'line-1', sku: 'SKU-1', quantity: 1 }],
}
const refused = (read: () => unknown) => {
  try {
    read()
  } catch (error) {
    return error as { status: number; code: string; message: string; errors: { pointer: string }[] }
  }
  throw new Error('it was taken')
}
const pointers = (body: unknown) => refused(() => readOrders(body)).errors.map((e) => e.pointer)

test('a single order is an array of one', () => {
  expect(readOrders(good)).toEqual(readOrders([good]))
})

test('all faults of all orders are told by place', () => {
  const [item] = good.items
  expect(
    pointers([
      { ...good, orderedAt: 'yesterday' },
      good,
      { ...good, items: [item, { ...item, quantity: 0 }], currency: 'euro' },
      'text',
    ]),
  ).toEqual(['/body/0/orderedAt', '/body/2/currency', '/body/2/items/1/quantity', '/body/3'])
})

test.each([
  [{ ...good, buyerName: 'CANARY' }, '/body/0/buyerName'],
  [{ ...good, shippingAddress: { name: 'CANARY' } }, '/body/0/shippingAddress'],
  [{ ...good, items: [{ ...good.items[0], giftMessage: 'CANARY' }] }, '/body/0/items/0/giftMessage'],
  [{ ...good, cancelRequested: { value: 'yes', buyer: 'CANARY' } }, '/body/0/cancelRequested/buyer'],
  [{ ...good, notes: [{ kind: 'a', text: 'b', phone: 'CANARY' }] }, '/body/0/notes/0/phone'],
  [{ ...good, metadata: { recipientName: 'CANARY' } }, '/body/0/metadata/recipientName'],
  [{ ...good, metadata: { 'e-mail': 'CANARY' } }, '/body/0/metadata/e-mail'],
  [{ ...good, metadata: { ship_to_address_1: 'CANARY' } }, '/body/0/metadata/ship_to_address_1'],
])('A9: buyer data is refused by its place, at any depth, and not repeated: %#', (order, pointer) => {
  const fault = refused(() => readOrders(order))
  expect(fault.errors.map((e) => e.pointer)).toEqual([pointer])
  expect(JSON.stringify([fault.message, fault.errors])).not.toContain('CANARY')
})

test('OD-71: free metadata that names no buyer is taken', () => {
  const [taken] = readOrders({ ...good, metadata: { vat_tax: '3.19', warehouse: 'north' } })
  expect(taken?.metadata).toEqual({ vat_tax: '3.19', warehouse: 'north' })
})

test('what cannot be stored or keyed is refused: NUL, a bar in the channel, an inexact version, a huge order', () => {
  expect(pointers({ ...good, orderReference: 'a\0b' })).toEqual(['/body/0/orderReference'])
  expect(pointers({ ...good, channelId: 'a|b' })).toEqual(['/body/0/channelId'])
  expect(pointers({ ...good, sourceVersion: Number.MAX_SAFE_INTEGER })).toEqual(['/body/0/sourceVersion'])
  const items = Array.from({ length: 1_000 }, () => ({ ...good.items[0], title: 'x'.repeat(500) }))
  expect(pointers({ ...good, items })).toEqual(['/body/0'])
})

test('too many orders are 413, none is 422', () => {
  expect(refused(() => readOrders(Array(MOST_ORDERS + 1).fill(good)))).toMatchObject({
    status: 413,
    code: 'TOO_MANY_ORDERS',
    message: '1001 orders in one call: send at most 1000',
  })
  expect(readOrders(Array(MOST_ORDERS).fill(good))).toHaveLength(MOST_ORDERS)
  expect(refused(() => readOrders([]))).toMatchObject({ status: 422, errors: [{ pointer: '/body' }] })
})

test('NDJSON: a line is an order, blank lines are none, lines that are no JSON are told together', () => {
  expect(readNdjson('{"a":1}\r\n\n  {"b":2}\n')).toEqual([{ a: 1 }, { b: 2 }])
  expect(readNdjson('\n')).toEqual([])
  const fault = refused(() => readNdjson('{"a":1}\n\n{"buyer":"CANARY"\n{"b":2}\nCANARY'))
  expect(fault).toMatchObject({
    status: 422,
    errors: [
      { pointer: '/body/1', detail: 'line 3 is no JSON' },
      { pointer: '/body/3', detail: 'line 5 is no JSON' },
    ],
  })
  expect(fault.message).not.toContain('CANARY')
})
