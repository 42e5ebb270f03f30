import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dealPartitions, type Member } from './deal-partitions.ts'

const JOINED = ['orders', 'rows']
const sizes = (count: number) => ({ orders: count, rows: count })

const newcomer = (id: string, topics = JOINED): Member => ({ id, topics, owned: {}, generation: -1 })

/** Members as they come to the next deal. */
const after = (dealt: ReturnType<typeof dealPartitions>, generation: number): Member[] =>
  [...dealt].map(([id, owned]) => ({ id, topics: JOINED, owned, generation }))

const numbersOf = (dealt: ReturnType<typeof dealPartitions>, topic = 'rows') =>
  [...dealt.values()].map((topics) => topics[topic] ?? [])

const range = (count: number) => Array.from({ length: count }, (_, n) => n)

/** Members with any claims, also false and contradicting ones. */
const claimants = fc.uniqueArray(
  fc.record({
    id: fc.string({ minLength: 1, maxLength: 3 }),
    owned: fc.uniqueArray(fc.nat(20)).map((numbers) => ({ orders: numbers, rows: numbers })),
    generation: fc.integer({ min: -1, max: 3 }),
    topics: fc.constant(JOINED),
  }),
  { minLength: 1, maxLength: 6, selector: ({ id }) => id },
)
const count = fc.integer({ min: 1, max: 24 })

test('A10: every number goes to one member, that of all joined topics to the same, none has two more than another', () => {
  fc.assert(
    fc.property(claimants, count, (members, partitions) => {
      const dealt = dealPartitions(members, sizes(partitions))
      for (const { rows, orders } of dealt.values()) expect(rows).toEqual(orders)
      const numbers = numbersOf(dealt)
      expect(numbers.flat().sort((a, b) => a - b)).toEqual(range(partitions))
      const lengths = numbers.map((own) => own.length)
      expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1)
    }),
  )
})

test('the deal does not depend on the order in which members are listed', () => {
  const shuffled = claimants.chain((members) =>
    fc.tuple(
      fc.constant(members),
      fc.shuffledSubarray(members, { minLength: members.length, maxLength: members.length }),
    ),
  )
  fc.assert(
    fc.property(shuffled, count, ([members, others], partitions) => {
      expect(dealPartitions(others, sizes(partitions))).toEqual(dealPartitions(members, sizes(partitions)))
    }),
  )
})

test('no other even deal moves fewer numbers', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 7 }),
      fc.integer({ min: 1, max: 3 }),
      (owners, size) => {
        const ownedBy = (member: number) => range(owners.length).filter((n) => owners[n] === member)
        const members = range(size).map((m) => ({
          ...newcomer(`m${m}`),
          owned: { orders: ownedBy(m), rows: ownedBy(m) },
          generation: 1,
        }))
        const numbers = numbersOf(dealPartitions(members, sizes(owners.length)))
        const kept = owners.filter((owner, n) => numbers[owner]?.includes(n)).length
        expect(kept).toBe(mostKept(owners, size))
      },
    ),
  )
})

/** Tries all deals. */
function mostKept(owners: readonly number[], size: number): number {
  let most = 0
  const least = Math.floor(owners.length / size)
  const tryAll = (number: number, held: readonly number[], kept: number): void => {
    if (number === owners.length) {
      if (Math.min(...held) >= least && Math.max(...held) - Math.min(...held) <= 1)
        most = Math.max(most, kept)
      return
    }
    for (let member = 0; member < size; member++) {
      const more = held.with(member, (held[member] as number) + 1)
      tryAll(number + 1, more, kept + (owners[number] === member ? 1 : 0))
    }
  }
  tryAll(0, Array(size).fill(0), 0)
  return most
}

test('who joins takes only its own share, and who leaves moves only what it had', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), count, (size, partitions) => {
      const members = range(size).map((m) => newcomer(`m${m}`))
      const before = dealPartitions(members, sizes(partitions))
      const joined = dealPartitions([...after(before, 1), newcomer('a newcomer')], sizes(partitions))
      for (const [id, { rows = [] }] of joined) {
        if (id !== 'a newcomer') expect(before.get(id)?.rows ?? []).toEqual(expect.arrayContaining(rows))
      }
      expect(joined.get('a newcomer')?.rows?.length ?? 0).toBe(Math.floor(partitions / (size + 1)))

      const stay = after(joined, 2).filter(({ id }) => id !== 'm0')
      const left = dealPartitions(stay, sizes(partitions))
      for (const { id, owned } of stay) {
        expect(left.get(id)?.rows ?? []).toEqual(expect.arrayContaining([...(owned.rows ?? [])]))
      }
    }),
  )
})

test('of two that claim a number, the one that was given it last keeps it', () => {
  const owned = { orders: [0, 1], rows: [0, 1] }
  const dealt = dealPartitions(
    [
      { ...newcomer('a zombie'), owned, generation: 3 },
      { ...newcomer('the owner'), owned: { orders: [0], rows: [0] }, generation: 4 },
    ],
    sizes(2),
  )
  expect([...dealt]).toEqual([
    ['a zombie', { orders: [1], rows: [1] }],
    ['the owner', { orders: [0], rows: [0] }],
  ])
})

test('a topic with fewer partitions goes along with its numbers', () => {
  const members = ['a', 'b'].map((id) => newcomer(id, ['returns', 'runs']))
  expect([...dealPartitions(members, { returns: 4, runs: 1 })]).toEqual([
    ['a', { returns: [0, 1], runs: [0] }],
    ['b', { returns: [2, 3] }],
  ])
})

test('members of two releases: joined topics go to those that read all of them', () => {
  const members = [
    newcomer('new', ['orders', 'rows', 'parcels']),
    newcomer('old'),
    newcomer('other', ['runs']),
  ]
  expect([...dealPartitions(members, { ...sizes(2), parcels: 2, runs: 2 })]).toEqual([
    ['new', { orders: [0, 1], parcels: [0, 1], rows: [0, 1] }],
    ['old', {}],
    ['other', { runs: [0, 1] }],
  ])
})

test('where nobody reads all, each topic goes to those that read it', () => {
  const members = [newcomer('a', ['orders', 'rows']), newcomer('b', ['rows', 'runs'])]
  const dealt = dealPartitions(members, { ...sizes(2), runs: 2 })
  expect([...dealt]).toEqual([
    ['a', { orders: [0, 1], rows: [0] }],
    ['b', { rows: [1], runs: [0, 1] }],
  ])
})
