import { Fault } from '@backhaul/domain'
import { returnOrder } from '@backhaul/domain/builders'
import { createTopics, type KafkaClient, type RunningConsumer } from '@backhaul/kafka'
import { actAs, eventually, freshName, freshTopics, stack } from '@backhaul/testing'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { readPartition } from './read-partition.ts'

const TOPIC = 'return-orders.v1'

let prefix: string
let reconciler: KafkaClient<'reconciler'>
let sink: KafkaClient<'postgres-sink'>
let running: RunningConsumer | undefined

beforeAll(async () => {
  prefix = (await freshTopics()).prefix
  reconciler = await actAs('reconciler', prefix)
  sink = await actAs('postgres-sink', prefix)
})

afterEach(async () => {
  await running?.stop()
  running = undefined
})

async function writeReturns(partition: number, ids: readonly string[]): Promise<void> {
  const writer = await reconciler.transactionalWriter(`positions-${partition}`)
  await writer.transaction((outbox) => {
    for (const returnOrderId of ids) {
      outbox.write(TOPIC, {
        key: returnOrderId,
        value: returnOrder({ returnOrderId }),
        eventId: returnOrderId,
        timestamp: 1_790_000_000_000,
        partition,
      })
    }
  })
  await writer.close()
}

test('C20: an offset that the log no longer holds stops the service with its message; nothing is skipped', async () => {
  // Of a topic that is not compacted: only such a one lets records go.
  const reader = await actAs('clickhouse-sink', prefix)
  const topic = reader.physical('report-runs.v1')
  const producer = reader.client.producer()
  await producer.connect()
  await producer.send({ topic, messages: Array.from({ length: 4 }, () => ({ value: 'a run' })) })
  await producer.disconnect()
  const admin = reader.client.admin()
  await admin.connect()
  await admin.fetchTopicOffsets(topic) // kafkajs learns the leaders only so
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '3' }] })
  await admin.disconnect()

  const fail = vi.fn()
  const process = vi.fn(async () => {})
  running = await reader.consume({ topics: ['report-runs.v1'], open: async () => 1n, process, fail })
  await eventually(() =>
    expect(fail).toHaveBeenCalledWith(
      expect.objectContaining({
        code: 'OFFSET_OUT_OF_RANGE',
        message: expect.stringContaining(`${topic}/0@1). Nothing was skipped`),
      }),
    ),
  )
  expect(process).not.toHaveBeenCalled()
})

test('a range beyond the end of the log is refused: it would be waited for for ever', async () => {
  const read = async () => {
    for await (const _ of sink.readToEnd(TOPIC, 3, 0n, 7n)) expect.unreachable()
  }
  await expect(read()).rejects.toMatchObject({ code: 'LOG_SHORTER' })
})

test('a retryable fault opens the partition again at the position of the sink; the batch comes again', async () => {
  await writeReturns(1, ['e', 'f'])
  const opened: number[] = []
  const batches: string[][] = []
  running = await sink.consume({
    topics: [TOPIC],
    open: async ({ partition }) => {
      if (partition === 1) opened.push(batches.length)
      return partition === 1 ? null : await sink.endOffset(TOPIC, partition)
    },
    process: async ({ records }) => {
      if (records.length === 0) return // the commit marker
      batches.push(records.map((r) => r.key ?? ''))
      if (batches.length < 3) throw new Fault('STORE_DOWN', 'the store is down', { retryable: true })
    },
    fail: (error) => expect.unreachable(String(error)),
  })
  await eventually(() =>
    expect(batches).toEqual([
      ['e', 'f'],
      ['e', 'f'],
      ['e', 'f'],
    ]),
  )
  expect(opened).toEqual([0, 1, 2])
})

test('C20: a sink that begins has its position in Kafka before it reads anything', async () => {
  const seen: bigint[] = []
  running = await sink.consume({
    topics: [TOPIC],
    open: async () => null,
    process: async ({ partition, fromOffset }) => {
      const committed = await sink.committed([TOPIC])
      seen.push(fromOffset, committed.find((c) => c.partition === partition)?.offset ?? -1n)
    },
    fail: (error) => expect.unreachable(String(error)),
  })
  await writeReturns(2, ['g'])
  await eventually(() => expect(seen.length).toBeGreaterThan(0))
  expect(seen[1]).toBe(seen[0])
  await eventually(async () => {
    for (const { offset } of await sink.committed([TOPIC])) expect(offset).not.toBeNull()
  })
})

test('a topic that the service does not declare cannot be read', async () => {
  await expect(
    sink.consume({
      // @ts-expect-error: postgres-sink does not read it
      topics: ['sales-orders.v1'],
      open: async () => null,
      process: async () => {},
      fail: () => {},
    }),
  ).rejects.toMatchObject({ code: 'FLOW_UNDECLARED' })
})

test('dead letters that partitions send at the same time arrive once each, with their origin', async () => {
  const raw = { timestamp: 0, key: null, value: Buffer.from('not Avro'), headers: {} }
  const record = (offset: bigint) => ({
    topic: TOPIC,
    partition: 2,
    offset,
    timestamp: 0,
    key: null,
    value: null,
    undecodable: null,
    raw: { ...raw, offset },
  })
  const offsets = Array.from({ length: 20 }, (_, n) => BigInt(n))
  await Promise.all(
    offsets.map((n) => sink.deadLetter('dead-letters.postgres-sink.v1', [record(n) as never], 'a step')),
  )
  await sink.close()
  const { records } = await readPartition(sink as never, sink.physical('dead-letters.postgres-sink.v1'), 0)
  expect(records.map((r) => BigInt(String(r.headers['origin-offset']))).sort()).toEqual(offsets.sort())
  expect(String(records[0]?.value)).toBe('not Avro')
})

test('topics are created as the flow has them; one with another partition count is refused', async () => {
  const settings = { KAFKA_BROKERS: stack().kafka.split(','), TOPIC_PREFIX: `${freshName()}-` }
  const created = await createTopics(settings, 1, ['sales-orders.v1'])
  expect(created).toEqual([`${settings.TOPIC_PREFIX}sales-orders.v1`])
  expect(await createTopics(settings, 1, ['sales-orders.v1'])).toEqual([])

  const admin = reconciler.client.admin()
  await admin.connect()
  const other = `${settings.TOPIC_PREFIX}report-runs.v1`
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic: other, numPartitions: 3 }] })
  await admin.disconnect()
  await expect(createTopics(settings, 1, ['report-runs.v1'])).rejects.toThrow(
    `${other} has 3 partitions, the flow wants 1`,
  )
})
