import fc from 'fast-check'
import { expect, test } from 'vitest'
import { givenSalesOrder, type TakenOrder, toTakenOrder } from '../sales-order.ts'
import { DELETED, decide, type Published } from './decide.ts'

const NOW = Date.UTC(2026, 7, 1)

/** An order; `status` stands for its content. */
function order(status: string, sourceVersion?: number, reference = '303-1'): TakenOrder {
  const given = {
    salesOrderId: 'SO-1',
    orderReference: reference,
    channelId: 'ch_1',
    source: 'rest',
    orderedAt: '2026-07-01T10:00:00Z',
    items: [{ salesOrderItemId: 'line-1', sku: 'SKU-1', quantity: 1 }],
    status,
    sourceVersion,
  }
  return toTakenOrder(givenSalesOrder.parse(given), 'tenant-1')
}

/** Takes calls one after the other. */
function take(...calls: TakenOrder[][]) {
  const known = new Map<string, Published>()
  const topic = new Map<string, { status: string | null | undefined; version: number }>()
  const outcomes = calls.map((call, n) => {
    const decision = decide(known, call, NOW + n)
    for (const note of decision.notes) known.set(note.key, note)
    for (const { key, order, sourceVersion } of decision.records)
      topic.set(key, { status: order?.status, version: sourceVersion })
    return [decision.outcomes.join(), decision.records.length] as const
  })
  return { outcomes, known, topic: [...topic.values()] }
}

test('a new order is accepted, the same again is unchanged, an older one is stale, a newer one is accepted', () => {
  const { outcomes, topic } = take([order('a', 5)], [order('a', 5)], [order('b', 4)], [order('c', 6)])
  expect(outcomes).toEqual([
    ['accepted', 1],
    ['unchanged', 0],
    ['stale', 0],
    ['accepted', 1],
  ])
  expect(topic).toEqual([{ status: 'c', version: 6 }])
})

test('a version that grew without a change counts: one in between overwrites nothing later', () => {
  const { outcomes, topic } = take([order('a', 5)], [order('a', 9)], [order('b', 7)])
  expect(outcomes.map(([outcome]) => outcome)).toEqual(['accepted', 'unchanged', 'stale'])
  expect(topic).toEqual([{ status: 'a', version: 5 }])
})

test('of equal versions the later one counts', () => {
  expect(take([order('a', 5)], [order('b', 5)]).topic).toEqual([{ status: 'b', version: 5 }])
})

test('an order without a version is newer than all before it, whatever the clock says', () => {
  const ahead = NOW + 60_000
  const { outcomes, topic } = take([order('a', ahead)], [order('b')], [order('b')], [order('c')])
  expect(outcomes.map(([outcome]) => outcome)).toEqual(['accepted', 'accepted', 'unchanged', 'accepted'])
  expect(topic).toEqual([{ status: 'c', version: ahead + 3 }])
})

test('within one call the newest of a key is published, once', () => {
  const call = [order('a', 1), order('c', 3), order('b', 2), order('x', 1, '303-2')]
  const { outcomes, topic } = take(call)
  expect(outcomes).toEqual([['stale,accepted,stale,accepted', 2]])
  expect(topic).toEqual([
    { status: 'c', version: 3 },
    { status: 'x', version: 1 },
  ])
})

test('the same content under a greater version of one call carries that version', () => {
  const { outcomes, topic } = take([order('a', 1), order('a', 2)])
  expect(outcomes).toEqual([['accepted,unchanged', 1]])
  expect(topic).toEqual([{ status: 'a', version: 2 }])
})

test('after a deletion an older state stays away; one of the same version brings the order back', () => {
  const { known } = take([order('a', 5)])
  const [key] = known.keys()
  const deleted = new Map([[key as string, { key: key as string, sourceVersion: 5, digest: DELETED }]])
  expect(decide(deleted, [order('a', 4)], NOW).outcomes).toEqual(['stale'])
  expect(decide(deleted, [order('a', 5)], NOW)).toMatchObject({
    outcomes: ['accepted'],
    records: [{ sourceVersion: 5 }],
  })
})

test('an order whose publication is uncertain is published again by the same call, and by no older one', () => {
  const { known } = take([order('a', 5)])
  const uncertain = new Map([...known].map(([key, noted]) => [key, { ...noted, digest: null }]))
  expect(decide(uncertain, [order('a', 5)], NOW)).toMatchObject({ outcomes: ['accepted'], records: [{}] })
  expect(decide(uncertain, [order('b', 4)], NOW)).toMatchObject({ outcomes: ['stale'], records: [] })
})

test('the order in which names of metadata come is no change', () => {
  const withMetadata = (metadata: Record<string, string>) => ({ ...order('a', 1), metadata })
  const { outcomes } = take([withMetadata({ a: '1', b: '2' })], [withMetadata({ b: '2', a: '1' })])
  expect(outcomes.map(([outcome]) => outcome)).toEqual(['accepted', 'unchanged'])
})

test('I5: however versions arrive, in whatever calls, the newest stands and none goes back', () => {
  const versions = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 30 })
  const cuts = fc.integer({ min: 1, max: 5 })
  fc.assert(
    fc.property(versions, cuts, (given, size) => {
      const orders = given.map((version) => order(`content ${version}`, version))
      const calls = Array.from({ length: Math.ceil(orders.length / size) }, (_, n) =>
        orders.slice(n * size, (n + 1) * size),
      )
      const known = new Map<string, Published>()
      let last = -1
      for (const call of calls) {
        const { records, notes } = decide(known, call, NOW)
        for (const { sourceVersion } of records) {
          expect(sourceVersion).toBeGreaterThan(last)
          last = sourceVersion
        }
        for (const note of notes) known.set(note.key, note)
      }
      expect(last).toBe(Math.max(...given))
    }),
  )
})
