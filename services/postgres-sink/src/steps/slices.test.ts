import { returnOrder } from '@backhaul/domain/builders'
import { expect, test } from 'vitest'
import type { Change } from './read-return.ts'
import { halves, slices } from './slices.ts'

const change = (offset: bigint): Change => ({ kind: 'event', offset, event: returnOrder() })
const ranges = (cut: ReturnType<typeof slices>) =>
  cut.map((s) => [s.fromOffset, s.nextOffset, s.changes.length])

test('slices are neighbours: offsets without a change belong to one of them', () => {
  const changes = [3n, 4n, 9n, 12n, 13n].map(change)
  expect(ranges(slices({ fromOffset: 1n, nextOffset: 20n, changes }, 2))).toEqual([
    [1n, 9n, 2],
    [9n, 13n, 2],
    [13n, 20n, 1],
  ])
})

test('a slice without changes still moves the position', () => {
  expect(ranges(slices({ fromOffset: 1n, nextOffset: 20n, changes: [] }, 2))).toEqual([[1n, 20n, 0]])
})

test('halving comes down to single changes', () => {
  let cut = slices({ fromOffset: 0n, nextOffset: 5n, changes: [0n, 1n, 2n, 3n, 4n].map(change) }, 10)
  for (let round = 0; round < 3; round++) cut = cut.flatMap((s) => (s.changes.length > 1 ? halves(s) : [s]))
  expect(ranges(cut)).toEqual([0n, 1n, 2n, 3n, 4n].map((n) => [n, n + 1n, 1]))
})
