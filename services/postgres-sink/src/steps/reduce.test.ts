import { returnOrder } from '@backhaul/domain/builders'
import { expect, test } from 'vitest'
import type { Change } from './read-return.ts'
import { reduce } from './reduce.ts'

const event = (offset: bigint, returnOrderId: string, version: number, generation = 1): Change => ({
  kind: 'event',
  offset,
  event: returnOrder({ returnOrderId, version, generation }),
})
const deletion = (offset: bigint, returnOrderId: string): Change => ({
  kind: 'deletion',
  offset,
  returnOrderId,
  deletedAt: 0,
})

const told = ({ events, deletions }: ReturnType<typeof reduce>) => ({
  events: events.map(({ offset, event: e }) => [e.returnOrderId, e.generation, e.version, offset]),
  deletions: deletions.map((d) => [d.returnOrderId, d.offset]),
})

test('A4: the newest of each return stays, by generation, then version; sorted by id', () => {
  const changes = [
    event(1n, 'b', 2),
    event(2n, 'a', 1),
    event(3n, 'b', 1),
    event(4n, 'a', 1, 2),
    event(5n, 'a', 9),
  ]
  expect(told(reduce(changes)).events).toEqual([
    ['a', 2, 1, 4n],
    ['b', 1, 2, 1n],
  ])
})

test('of equal versions the first stays: it is the one that a deletion may follow', () => {
  const changes = [event(1n, 'a', 1), deletion(2n, 'a'), event(3n, 'a', 1)]
  expect(told(reduce(changes))).toEqual({ events: [['a', 1, 1, 1n]], deletions: [['a', 2n]] })
})

test('a deletion stays beside an event that follows it: what is stored may be newer than that event', () => {
  const changes = [deletion(1n, 'a'), event(2n, 'a', 1), deletion(3n, 'b'), deletion(4n, 'b')]
  expect(told(reduce(changes))).toEqual({
    events: [['a', 1, 1, 2n]],
    deletions: [
      ['a', 1n],
      ['b', 4n],
    ],
  })
})
