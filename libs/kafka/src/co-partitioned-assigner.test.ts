import { expect, test } from 'vitest'
import { dealPartitionNumbers } from './co-partitioned-assigner.ts'

const joined = { rows: 4, orders: 4 }

test('A10: partition n of all joined topics goes to one member, whatever the number of members', () => {
  for (let count = 1; count <= 6; count++) {
    const members = Array.from({ length: count }, (_, n) => `member-${n}`)
    const dealt = [...dealPartitionNumbers(members, joined).values()]
    for (const { rows = [], orders = [] } of dealt) expect(rows).toEqual(orders)
    expect(dealt.flatMap(({ rows = [] }) => rows).sort()).toEqual([0, 1, 2, 3])
  }
})

test('every member is dealt to, evenly; those beyond the partitions get none', () => {
  const dealt = dealPartitionNumbers(['c', 'a', 'b', 'd', 'e'], joined)
  expect([...dealt].map(([member, { rows = [] }]) => [member, rows])).toEqual([
    ['a', [0]],
    ['b', [1]],
    ['c', [2]],
    ['d', [3]],
    ['e', []],
  ])
})

test('the deal does not depend on the order in which members are listed', () => {
  expect(dealPartitionNumbers(['b', 'a'], joined)).toEqual(dealPartitionNumbers(['a', 'b'], joined))
})
