import { returnItem, returnOrder } from '@backhaul/domain/builders'
import type { InputRecord, PartitionBatch } from '@backhaul/kafka'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AnalyticsPipeline, type Deps } from '../src/pipeline.ts'
import type { Topic } from '../src/steps/read-records.ts'
import { storeUnderTest } from './store-under-test.ts'

const RECORDS = 40
const at = { topic: 'return-orders.v1', partition: 0 } as const

const store = storeUnderTest()

/** A log of returns of two items; one value is refused by ClickHouse. */
function logOf(name: string): InputRecord<'return-orders.v1'>[] {
  return Array.from({ length: RECORDS }, (_, n) => {
    const returnOrderId = `${name}-${n}`
    const items = [1, 2].map((i) =>
      returnItem({ returnItemId: `${returnOrderId}-${i}`, quantity: n === 23 ? -1 : 1 }),
    )
    const value = returnOrder({ returnOrderId, items })
    const raw = {
      offset: BigInt(n),
      timestamp: n,
      key: Buffer.from(returnOrderId),
      value: Buffer.alloc(1),
      headers: {},
    }
    return { ...at, offset: BigInt(n), timestamp: n, key: returnOrderId, value, undecodable: null, raw }
  })
}

/** What a step may meet: it works, the process dies before it, or it takes effect and the process dies. */
type Fate = 'works' | 'dies before' | 'dies after'

class Died extends Error {}

/** Reads a log to its end through pipelines that die as the fates say; Kafka's position survives. */
async function runToTheEnd(name: string, fates: readonly Fate[], polls: readonly number[]) {
  const log = logOf(name)
  let position: { offset: bigint | null; note: string | null } = { offset: null, note: null }
  let deaths = 0
  const deadLetters = new Set<string>()
  let step = 0
  const survives = async (effect: () => Promise<void> | void) => {
    const fate = fates[step++ % fates.length] ?? 'works'
    if (fate === 'dies before' && deaths < 30) throw new Died(String(++deaths))
    await effect()
    if (fate === 'dies after' && deaths < 30) throw new Died(String(++deaths))
  }
  const commit = (offset: bigint, note?: string) =>
    survives(() => {
      position = { offset, note: note ?? null }
    })
  const batch = (from: bigint, to: bigint): PartitionBatch<Topic> => ({
    ...at,
    fromOffset: from,
    nextOffset: to,
    records: log.slice(Number(from), Number(to)) as InputRecord<Topic>[],
    signal: new AbortController().signal,
  })
  const deps: Deps = {
    insert: (block, token) => survives(() => store.clickhouse.insert(block, token)),
    hasBegun: (begun) => store.clickhouse.hasBegun(begun),
    noteBegun: (begun) => survives(() => store.clickhouse.noteBegun(begun)),
    migrated: Promise.resolve(),
    committed: async () => position,
    deadLetter: async ({ offset }) => void deadLetters.add(String(offset)),
    physical: () => `${name}-returns`,
    group: 'clickhouse-sink',
    generation: 1,
    insertIntervalMs: 0,
    events: { opened() {}, resumed() {}, written() {}, rejected() {} },
    waits: { wait() {}, ok() {} },
  }
  let poll = 0
  for (;;) {
    try {
      const pipeline = new AnalyticsPipeline(deps)
      const opened = await pipeline.open(at, commit, async (from, to) => batch(from, to))
      if (opened === null) await commit(0n)
      let next = opened ?? 0n
      while (next < BigInt(RECORDS)) {
        const size = BigInt(polls[poll++ % polls.length] ?? 1)
        const to = next + size > BigInt(RECORDS) ? BigInt(RECORDS) : next + size
        await pipeline.process(batch(next, to), commit)
        next = to
      }
      return { deaths, deadLetters: [...deadLetters] }
    } catch (error) {
      if (!(error instanceof Died)) throw error
    }
  }
}

test('I1, I2: whatever dies between noting, inserting and moving on, every row is there once', async () => {
  let runs = 0
  let deaths = 0
  const fate = fc.constantFrom<Fate>('works', 'works', 'dies before', 'dies after')
  await fc.assert(
    fc.asyncProperty(
      fc.array(fate, { minLength: 5, maxLength: 25 }),
      fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 8 }),
      async (fates, polls) => {
        const name = `run${++runs}`
        const told = await runToTheEnd(name, ['works', ...fates], polls)
        deaths += told.deaths
        const answer = await store.client.query({
          query: `SELECT count() AS raw, uniqExact(return_item_id, row_version) AS distinct FROM return_items WHERE return_order_id LIKE '${name}-%'`,
          format: 'JSONEachRow',
        })
        expect(await answer.json()).toEqual([{ raw: 2 * (RECORDS - 1), distinct: 2 * (RECORDS - 1) }])
        expect(told.deadLetters).toEqual(['23'])
      },
    ),
    { numRuns: 12 },
  )
  expect(deaths).toBeGreaterThan(40)
})
