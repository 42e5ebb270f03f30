import { returnItem, returnOrder } from '@backhaul/domain/builders'
import { expect, test } from 'vitest'
import { toBlock } from './table.ts'
import { packedVersion, returnItems } from './tables.ts'

test('A4: versions pack into one number that sorts by generation, then version', () => {
  const pairs = [
    [1, 1],
    [1, 2],
    [1, 2 ** 40 - 1],
    [2, 1],
    [2, 3],
  ].map(([generation = 0, version = 0]) => packedVersion({ generation, version }))
  expect(pairs.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(pairs)
  expect(new Set(pairs).size).toBe(pairs.length)
})

test('the same events give the same bytes', () => {
  const rows = () => [{ event: returnOrder(), item: returnItem(), offset: 3n }]
  expect(toBlock(returnItems, rows())).toEqual(toBlock(returnItems, rows()))
})
