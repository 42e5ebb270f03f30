import type { ReturnOrder } from '@backhaul/domain'
import { Fault, uuidOf } from '@backhaul/domain'
import { returnOrder } from '@backhaul/domain/builders'
import type { InputRecord } from '@backhaul/kafka'
import { freshDatabase } from '@backhaul/testing'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate, openPool } from '../src/adapters/database.ts'
import { ReturnsPipeline } from '../src/pipeline.ts'

const TOPIC = 'return-orders.v1'

let database: { url: string; drop: () => Promise<void> }
let pool: pg.Pool

beforeAll(async () => {
  database = await freshDatabase()
  // Twice at once, as two instances that start together.
  await Promise.all([migrate(database.url), migrate(database.url)])
  pool = openPool(database.url, () => {})
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

const ignore = () => {}
const commits = async () => {}

/** A sink's process, without Kafka. */
const newPipeline = () =>
  new ReturnsPipeline({
    pool,
    migrated: Promise.resolve(),
    physical: (topic) => topic,
    deadLetter: async () => expect.unreachable('nothing is bad here'),
    events: { opened: ignore, written: ignore, rejected: ignore },
    waits: { wait: ignore, ok: ignore },
  })

const record = (partition: number, offset: bigint, event: ReturnOrder): InputRecord<typeof TOPIC> => {
  const raw = { offset, timestamp: 0, key: null, value: null, headers: {} }
  return {
    topic: TOPIC,
    partition,
    offset,
    timestamp: 0,
    key: event.returnOrderId,
    value: event,
    undecodable: null,
    raw,
  }
}

const batch = (partition: number, fromOffset: bigint, events: readonly ReturnOrder[]) => ({
  topic: TOPIC as typeof TOPIC,
  partition,
  fromOffset,
  nextOffset: fromOffset + BigInt(events.length),
  records: events.map((event, n) => record(partition, fromOffset + BigInt(n), event)),
  signal: new AbortController().signal,
})

const freshReturn = (name: string) => returnOrder({ returnOrderId: uuidOf(name), items: [], parcels: [] })

const isStored = async ({ returnOrderId }: ReturnOrder) =>
  (await pool.query('SELECT 1 FROM return_orders WHERE return_order_id = $1', [returnOrderId])).rowCount === 1

test('I2: a crash between the rows and the offset in Kafka: the next owner reads on behind the rows', async () => {
  const crashing = newPipeline()
  await crashing.open({ topic: TOPIC, partition: 0 }, commits)
  const lost = async () => {
    throw new Fault('KAFKA_COMMIT_FAILED', 'the process is gone', { retryable: true })
  }
  const event = freshReturn('stored before the crash')
  await expect(crashing.process(batch(0, 0n, [event]), lost)).rejects.toMatchObject({
    code: 'KAFKA_COMMIT_FAILED',
  })
  expect(await newPipeline().open({ topic: TOPIC, partition: 0 }, commits)).toBe(1n)
  expect(await isStored(event)).toBe(true)
})

test('I2: a late owner is fenced: nothing of its batch is stored, the true owner goes on', async () => {
  const [late, owner] = [newPipeline(), newPipeline()]
  await late.open({ topic: TOPIC, partition: 1 }, commits)
  await owner.open({ topic: TOPIC, partition: 1 }, commits)
  const [byLate, byOwner] = [freshReturn('by the late owner'), freshReturn('by the owner')]
  await expect(late.process(batch(1, 0n, [byLate]), commits)).rejects.toMatchObject({
    code: 'FENCED',
    retryable: true,
  })
  await owner.process(batch(1, 0n, [byOwner]), commits)
  expect([await isStored(byLate), await isStored(byOwner)]).toEqual([false, true])
})

test('a member that lost its seat does not take the partition from its owner', async () => {
  const owner = newPipeline()
  await owner.open({ topic: TOPIC, partition: 2 }, commits)
  await owner.process(batch(2, 0n, [freshReturn('first')]), commits)
  const refused = async () => {
    throw new Fault('KAFKA_COMMIT_FAILED', 'not a member', { retryable: true })
  }
  await expect(newPipeline().open({ topic: TOPIC, partition: 2 }, refused)).rejects.toMatchObject({
    code: 'KAFKA_COMMIT_FAILED',
  })
  await owner.process(batch(2, 1n, [freshReturn('second')]), commits)
  expect(await isStored(freshReturn('second'))).toBe(true)
})

test('I1: records that do not follow on what is stored stop the service', async () => {
  const owner = newPipeline()
  await owner.open({ topic: TOPIC, partition: 3 }, commits)
  await owner.process(batch(3, 0n, [freshReturn('third')]), commits)
  await expect(owner.process(batch(3, 5n, [freshReturn('after a gap')]), commits)).rejects.toMatchObject({
    code: 'OFFSETS_NOT_CONTIGUOUS',
    retryable: false,
  })
})

test('I2: a failure in the middle of a batch stores nothing of it: neither rows nor the position', async () => {
  const owner = newPipeline()
  await owner.open({ topic: TOPIC, partition: 4 }, commits)
  await pool.query('ALTER TABLE return_order_versions RENAME TO moved_away')
  const event = freshReturn('in the middle')
  await expect(owner.process(batch(4, 0n, [event]), commits)).rejects.toThrow('return_order_versions')
  await pool.query('ALTER TABLE moved_away RENAME TO return_order_versions')
  expect(await isStored(event)).toBe(false)
  expect(await newPipeline().open({ topic: TOPIC, partition: 4 }, commits)).toBeNull()
})
