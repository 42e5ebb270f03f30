import { expect, test } from 'vitest'
import { knownElsewhere } from './known-elsewhere.ts'

const mine = { sellerId: 'MINE', marketplaceId: 'A1PA6795UKMFR9' }
const known = (sellerId: string, marketplaceId: string, orders: number) => ({
  sellerId,
  marketplaceId,
  orders,
})

test.each([
  ['no report has told any of them', []],
  ['all are known here', [known('MINE', 'A1PA6795UKMFR9', 5)]],
  // Reports of two marketplaces that tell the same orders prove nothing.
  ['as many are known here', [known('MINE', 'A1PA6795UKMFR9', 5), known('MINE', 'A13V1IB3VIYZZH', 5)]],
])('C8: a file is taken when %s', (_, orders) => {
  expect(knownElsewhere(mine, orders)).toBeNull()
})

test.each([
  [
    'another seller',
    [known('MINE', 'A1PA6795UKMFR9', 1), known('OTHER', 'A1PA6795UKMFR9', 4)],
    /seller OTHER in Germany have 4/,
  ],
  ['another marketplace', [known('MINE', 'A13V1IB3VIYZZH', 1)], /seller MINE in France have 1/],
])('C8: a file of %s is refused, and the refusal says whose it is', (_, orders, words) => {
  expect(knownElsewhere(mine, orders)).toMatch(words)
})
