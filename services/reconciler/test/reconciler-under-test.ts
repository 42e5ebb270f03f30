import { Codec } from '@backhaul/codec'
import type { AmazonReturnRow, ReturnOrder, SalesOrder } from '@backhaul/domain'
import { type TopicName, topics } from '@backhaul/flow'
import { type KafkaClient, type OutgoingRecord, partitionOf } from '@backhaul/kafka'
import { type StartedService, startService } from '@backhaul/runtime'
import { actAs, eventually, freshTopics, stack } from '@backhaul/testing'
import { expect } from 'vitest'
import { service } from '../src/service.ts'
import { type ConfigStub, configStub } from './config-stub.ts'

const DEAD_LETTERS = 'dead-letters.reconciler.v1'

/** A record as it stands in a topic. */
export interface Written {
  readonly partition: number
  readonly key: string | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
}

/** What a test does with a reconciler of its own: its topics, its config-service, as many processes as it starts. */
export interface ReconcilerUnderTest {
  readonly config: ConfigStub
  readonly environment: Readonly<Record<string, string>>
  start(given?: Partial<Parameters<typeof startService>[1]>): Promise<StartedService>
  writeRows(rows: readonly AmazonReturnRow[]): Promise<void>
  /** Writes orders, or tombstones by key. */
  writeOrders(orders: readonly (SalesOrder | string)[]): Promise<void>
  writeBytes(topic: TopicName, key: string | null, value: Buffer | null, partition: number): Promise<void>
  /** An order's Avro bytes, to be written where they do not belong. */
  encode(order: SalesOrder): Buffer
  /** All events so far, by partition in the order of the log. */
  events(): Promise<ReturnOrder[]>
  /** All events of one order reference. */
  eventsOf(orderReference: string): Promise<ReturnOrder[]>
  deadLetters(): Promise<Written[]>
  read(topic: TopicName): Promise<Written[]>
  /** Waits until everything written so far was read and its outcome is visible. */
  caughtUp(): Promise<void>
  close(): Promise<void>
}

export async function reconcilerUnderTest(): Promise<ReconcilerUnderTest> {
  const [fresh, config] = await Promise.all([freshTopics(), configStub()])
  const { prefix } = fresh
  const [fetcher, importer, reconciler] = await Promise.all([
    actAs('report-fetcher', prefix),
    actAs('order-importer', prefix),
    actAs('reconciler', prefix),
  ])
  const codec = new Codec(stack().registry)
  const orders = importer.physical('sales-orders.v1')
  await codec.prepare(orders, 'SalesOrder')
  const [rowWriter, orderWriter] = await Promise.all([
    fetcher.transactionalWriter('test'),
    importer.transactionalWriter('test'),
  ])
  const environment = {
    ...fresh.environment,
    CONFIG_SERVICE_URL: config.url,
    SERVICE_API_KEY: 'a-key-of-the-test',
    LOG_LEVEL: 'fatal',
  }
  const running = new Set<StartedService>()
  /** Offsets behind what was written, by input partition: counted, as the broker may tell the end a little late. */
  const ends = new Map<string, bigint>()
  const count = (topic: TopicName, partitions: readonly number[], markers: boolean) => {
    for (const partition of partitions) {
      const at = `${topic}/${partition}`
      ends.set(at, (ends.get(at) ?? 0n) + 1n)
    }
    for (const partition of markers ? new Set(partitions) : []) {
      const at = `${topic}/${partition}`
      ends.set(at, (ends.get(at) ?? 0n) + 1n)
    }
  }

  const read: ReconcilerUnderTest['read'] = async (topic) => {
    const perPartition = Array.from({ length: topics[topic].partitions }, (_, partition) =>
      readPartition(reconciler, topic, partition),
    )
    return (await Promise.all(perPartition)).flat()
  }
  const events: ReconcilerUnderTest['events'] = async () => {
    const written = await read('return-orders.v1')
    return Promise.all(written.map(({ value }) => codec.decode('ReturnOrder', value as Buffer)))
  }
  return {
    config,
    environment,
    async start(given = {}) {
      const started = await startService(service, {
        environment,
        onFailure: (error) => expect.unreachable(String(error)),
        ...given,
      })
      running.add(started)
      return {
        url: started.url,
        stop() {
          running.delete(started)
          return started.stop()
        },
      }
    },
    async writeRows(rows) {
      await rowWriter.transaction((outbox) => {
        for (const row of rows) outbox.write('amazon-return-rows.v1', rowRecord(row))
      })
      count(
        'amazon-return-rows.v1',
        rows.map((row) => partitionOf('amazon-return-rows.v1', row.orderReference)),
        true,
      )
    },
    async writeOrders(given) {
      const records = given.map(orderRecord)
      await orderWriter.transaction((outbox) => {
        for (const record of records) outbox.write('sales-orders.v1', record)
      })
      count(
        'sales-orders.v1',
        records.map(({ key }) => partitionOf('sales-orders.v1', key)),
        true,
      )
    },
    async writeBytes(topic, key, value, partition) {
      const producer = importer.client.producer()
      await producer.connect()
      await producer.send({ topic: importer.physical(topic), messages: [{ key, value, partition }] })
      await producer.disconnect()
      count(topic, [partition], false)
    },
    encode: (order) => codec.encode(orders, order),
    events,
    eventsOf: async (orderReference) => (await events()).filter((e) => e.orderReference === orderReference),
    deadLetters: () => read(DEAD_LETTERS),
    read,
    async caughtUp() {
      await eventually(async () => {
        const committed = await reconciler.committed(['amazon-return-rows.v1', 'sales-orders.v1'])
        const at = new Map(committed.map((c) => [`${c.topic}/${c.partition}`, c.offset ?? 0n]))
        for (const [partition, end] of ends) expect(at.get(partition)).toBeGreaterThanOrEqual(end)
      })
      await outputsSettled(reconciler)
    },
    async close() {
      await Promise.all([...running].map((started) => started.stop()))
      await Promise.all([rowWriter.close(), orderWriter.close(), config.close()])
    },
  }
}

const rowRecord = (row: AmazonReturnRow): OutgoingRecord<'amazon-return-rows.v1'> => ({
  key: row.orderReference,
  value: row,
  eventId: `${row.rowId}:${row.observedAt}`,
  timestamp: row.fetchedAt,
})

const orderRecord = (order: SalesOrder | string): OutgoingRecord<'sales-orders.v1'> => {
  const key = typeof order === 'string' ? order : `${order.orderReference}|${order.channelId}`
  const value = typeof order === 'string' ? null : order
  return { key, value, eventId: key, timestamp: Date.UTC(2026, 7, 5) }
}

/** Waits until no output is inside a transaction any more: its end is written a little after the offsets are. */
async function outputsSettled(client: KafkaClient<'reconciler'>): Promise<void> {
  const admin = client.client.admin()
  await admin.connect()
  const reader = client.partitionReader()
  await eventually(async () => {
    for (const topic of ['return-orders.v1', DEAD_LETTERS] as const) {
      const name = client.physical(topic)
      for (const { partition, high } of await admin.fetchTopicOffsets(name)) {
        expect(await reader.latest(name, partition)).toBe(BigInt(high))
      }
    }
  })
  await reader.close()
  await admin.disconnect()
}

async function readPartition(
  client: KafkaClient<'reconciler'>,
  topic: TopicName,
  partition: number,
): Promise<Written[]> {
  const reader = client.partitionReader()
  const name = client.physical(topic)
  const end = await reader.latest(name, partition)
  const written: Written[] = []
  await reader.seek(name, partition, 0n)
  for (let next = 0n; next < end; ) {
    for (const batch of await reader.fetch(50)) {
      for (const { key, value, headers } of batch.records) {
        const texts = Object.entries(headers).map(([header, text]) => [header, String(text)] as const)
        written.push({ partition, key: key && String(key), value, headers: Object.fromEntries(texts) })
      }
      next = batch.nextOffset
    }
  }
  await reader.close()
  return written
}
