import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OrderPlaces } from './order-places.ts'

test('the last row of each order is known, and of no other', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 200 }), (orders) => {
      const places = new OrderPlaces()
      for (const [at, order] of orders.entries()) places.note(order, at + 1)
      for (const order of orders) expect(places.lastRow(order)).toBe(orders.lastIndexOf(order) + 1)
      expect(places.lastRow('none of them')).toBe(0)
    }),
  )
})

test('a hundred thousand orders are told apart', () => {
  const places = new OrderPlaces()
  const order = (n: number) =>
    `303-${String((n * 7_919) % 10_000_000).padStart(7, '0')}-${String(n).padStart(7, '0')}`
  for (let n = 1; n <= 100_000; n++) places.note(order(n), n)
  for (let n = 1; n <= 100_000; n++) expect(places.lastRow(order(n))).toBe(n)
})
