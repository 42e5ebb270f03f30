import { Fault } from '@backhaul/domain'
import { returnItem, returnOrder } from '@backhaul/domain/builders'
import type { Commit, InputRecord, PartitionBatch } from '@backhaul/kafka'
import { expect, test } from 'vitest'
import { ClickHouse } from '../src/adapters/clickhouse.ts'
import { AnalyticsPipeline, type Deps } from '../src/pipeline.ts'
import type { Topic } from '../src/steps/read-records.ts'
import { storeUnderTest } from './store-under-test.ts'

const at = { topic: 'return-orders.v1', partition: 0 } as const

const store = storeUnderTest()

type Value = InputRecord<'return-orders.v1'>['value']

/** A partition of Kafka: its records, and the position that its group left. */
function partition(name: string, values: readonly Value[]) {
  const records = values.map((value, n): InputRecord<Topic> => {
    const [offset, timestamp, key] = [BigInt(n), n, value?.returnOrderId ?? `${name}-deleted`]
    const raw = { offset, timestamp, key: Buffer.from(key), value: Buffer.alloc(1), headers: {} }
    return { ...at, offset, timestamp, key, value, undecodable: null, raw }
  })
  const left: { offset: bigint | null; note: string | null } = { offset: null, note: null }
  const deadLetters: string[] = []
  const batch = (fromOffset: bigint, nextOffset: bigint): PartitionBatch<Topic> => ({
    ...{ ...at, fromOffset, nextOffset, signal: new AbortController().signal },
    records: records.slice(Number(fromOffset), Number(nextOffset)),
  })
  const commit: Commit = async (offset, note) => {
    Object.assign(left, { offset, note: note ?? null })
  }
  const owner = (given: Partial<Deps> = {}) =>
    new AnalyticsPipeline({
      insert: (block, token) => store.clickhouse.insert(block, token),
      hasBegun: (begun) => store.clickhouse.hasBegun(begun),
      noteBegun: (begun) => store.clickhouse.noteBegun(begun),
      migrated: Promise.resolve(),
      committed: async () => left,
      deadLetter: async ({ offset }, { code }) => void deadLetters.push(`${offset} ${code}`),
      physical: () => name,
      group: 'clickhouse-sink',
      generation: 1,
      insertIntervalMs: 0,
      events: { opened() {}, resumed() {}, written() {}, rejected() {} },
      waits: { wait() {}, ok() {} },
      ...given,
    })
  const read = async (from: bigint, to: bigint) => batch(from, to)
  return { owner, batch, commit, read, left, deadLetters }
}

const returns = (name: string, count: number): Value[] =>
  Array.from({ length: count }, (_, n) =>
    returnOrder({
      returnOrderId: `${name}-${n}`,
      items: [returnItem({ returnItemId: `${name}-${n}/item` })],
    }),
  )

async function stored(table: string, name: string): Promise<number> {
  const query = `SELECT count() AS n FROM ${table} WHERE startsWith(return_order_id, '${name}-')`
  const [row] = await (await store.client.query({ query, format: 'JSONEachRow' })).json<{ n: number }>()
  return Number(row?.n)
}

test('I2: an insert of a late owner that lands after the take-over adds nothing, and its position is refused', async () => {
  const { owner, batch, commit, read, left } = partition('late', returns('late', 20))
  const stalled = Promise.withResolvers<void>()
  const noted = Promise.withResolvers<void>()
  const late = owner({
    async insert(block, token) {
      noted.resolve()
      await stalled.promise
      await store.clickhouse.insert(block, token)
    },
  })
  let isFenced = false
  const commitOfLate: Commit = (offset, note) => {
    if (isFenced) throw new Fault('KAFKA_COMMIT_FAILED', 'another generation', { retryable: true })
    return commit(offset, note)
  }
  const lateResult = late.process(batch(0n, 10n), commitOfLate).catch((error: unknown) => error)
  await noted.promise

  isFenced = true
  const next = owner()
  expect(await next.open(at, commit, read)).toBe(10n)
  await next.process(batch(10n, 20n), commit)
  stalled.resolve()

  expect(await lateResult).toMatchObject({ code: 'KAFKA_COMMIT_FAILED' })
  expect(left).toEqual({ offset: 20n, note: null })
  expect(await stored('return_items', 'late')).toBe(20)
})

test('the note is what keeps rows single: without it the next owner cuts other ranges, and rows are there twice', async () => {
  const { owner, batch, commit, read } = partition('noteless', returns('noteless', 10))
  const withoutNote: Commit = (offset) => commit(offset)
  const dies: Deps['insert'] = async (block, token) => {
    await store.clickhouse.insert(block, token)
    if (block.rowCount > 0) throw new Error('died')
  }
  await expect(owner({ insert: dies }).process(batch(0n, 10n), withoutNote)).rejects.toThrow('died')
  const next = owner()
  expect(await next.open(at, withoutNote, read)).toBe(0n)
  await next.process(batch(0n, 7n), withoutNote)
  await next.process(batch(7n, 10n), withoutNote)
  expect(await stored('return_items', 'noteless')).toBe(20)
})

test('C16: each value that cannot be stored is one dead letter; neighbours and deletions are stored once', async () => {
  const [first, negative, farDay, noVersion, last] = returns('refused', 5) as NonNullable<Value>[]
  const values = [
    first,
    { ...negative, items: [returnItem({ quantity: -1 })] },
    null,
    { ...farDay, orderedOn: '+012026-0' },
    { ...noVersion, version: -1 },
    last,
  ] as Value[]
  const { owner, batch, commit, left, deadLetters } = partition('refused', values)
  await owner().process(batch(0n, 6n), commit)
  expect(deadLetters).toEqual([1, 3, 4].map((offset) => `${offset} ROWS_UNSTORABLE`))
  expect(left).toEqual({ offset: 6n, note: null })
  expect(await stored('return_items', 'refused')).toBe(2)
  expect(await stored('return_deletions', 'refused')).toBe(1)
})

test('C18: while ClickHouse is away the range stays noted, nothing is rejected, and /ready is told', async () => {
  const { owner, batch, commit, read, left, deadLetters } = partition('away', returns('away', 3))
  const told: string[] = []
  const waits = {
    wait: (_: string, reason: string) => void told.push(reason),
    ok: () => void told.push('ok'),
  }
  const nobody = new ClickHouse('http://127.0.0.1:9/nowhere')
  const away = owner({ insert: (block, token) => nobody.insert(block, token), waits })
  await expect(away.process(batch(0n, 3n), commit)).rejects.toMatchObject({ retryable: true })
  expect(left).toEqual({ offset: 0n, note: '{"insertingTo":"3"}' })
  expect(told).toEqual([expect.stringContaining('ClickHouse does not answer')])
  await nobody.close()

  expect(await owner({ waits }).open(at, commit, read)).toBe(3n)
  expect(told.at(-1)).toBe('ok')
  expect(deadLetters).toEqual([])
  expect(await stored('return_items', 'away')).toBe(3)
})

test('C20: a group that lost its offsets stops before anything is read; one that has yet to begin does not', async () => {
  const { owner, batch, commit, read, left } = partition('lost', returns('lost', 4))
  expect(await owner().open(at, commit, read)).toBeNull()
  await owner().process(batch(0n, 4n), commit)
  left.offset = null
  await expect(owner().open(at, commit, read)).rejects.toMatchObject({
    code: 'OFFSETS_LOST',
    message: expect.stringContaining('npm run offsets -- set'),
    retryable: false,
  })
  const filledAnew = owner({ generation: 2 })
  expect(await filledAnew.open(at, commit, read)).toBeNull()
})
