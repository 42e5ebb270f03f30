import { salesOrder } from '@backhaul/domain/builders'
import type { KafkaClient } from '@backhaul/kafka'
import { actAs, eventually, freshTopics } from '@backhaul/testing'
import { beforeAll, expect, test } from 'vitest'
import { readPartition } from './read-partition.ts'

let importer: KafkaClient<'order-importer'>
let topic: string

beforeAll(async () => {
  const { prefix } = await freshTopics()
  importer = await actAs('order-importer', prefix)
  topic = importer.physical('sales-orders.v1')
})

/** A transactional producer of kafkajs, to abort what our own writer never would. */
async function rawProducer(transactionalId: string) {
  const producer = importer.client.producer({
    transactionalId: `${importer.group}-${transactionalId}`,
    idempotent: true,
    maxInFlightRequests: 1,
  })
  await producer.connect()
  return producer
}

const send = (value: string, partition: number, key: Buffer | string = 'key') => ({
  topic,
  messages: [{ key, value, partition }],
})

/** The values seen from each offset of the partition on. */
async function seenFromEachOffset(partition: number): Promise<string[][]> {
  const { end } = await readPartition(importer, topic, partition)
  const seen: string[][] = []
  for (let from = 0n; from < end; from++) {
    const { records } = await readPartition(importer, topic, partition, from)
    seen.push(records.map((r) => String(r.value)))
  }
  return seen
}

test('I3: two producers abort interleaved in one partition; wherever a fetch starts, only what was committed is seen', async () => {
  const [a, b] = [await rawProducer('a'), await rawProducer('b')]
  const [one, two] = [await a.transaction(), await b.transaction()]
  await one.send(send('a: aborted', 0))
  await two.send(send('b: aborted', 0))
  await one.send(send('a: aborted too', 0))
  // The broker lists aborted transactions by their end: this one, begun second, comes first.
  await two.abort()
  await one.send(send('a: aborted at last', 0))
  await one.abort()
  const kept = await a.transaction()
  await kept.send(send('a: committed', 0))
  await kept.commit()
  await Promise.all([a.disconnect(), b.disconnect()])

  const seen = await eventually(async () => {
    const values = await seenFromEachOffset(0)
    // Offsets: 3 of a and b, b's marker, one of a, a's marker, the committed one, its marker.
    expect(values).toHaveLength(8)
    return values
  })
  expect(seen).toEqual([...Array(7).fill(['a: committed']), []])
})

test('I3: a key of four zero bytes is data, and ends no aborted transaction', async () => {
  const producer = await rawProducer('zeros')
  const aborted = await producer.transaction()
  await aborted.send(send('aborted, key of zeros', 1, Buffer.alloc(4)))
  await aborted.send(send('aborted', 1))
  await aborted.abort()
  const kept = await producer.transaction()
  await kept.send(send('committed', 1))
  await kept.commit()
  await producer.disconnect()
  await eventually(async () => {
    const { records } = await readPartition(importer, topic, 1)
    expect(records.map((r) => String(r.value))).toEqual(['committed'])
  })
})

test('a tail that holds nothing to see is passed: the position moves to its end', async () => {
  const producer = await rawProducer('tail')
  const aborted = await producer.transaction()
  await aborted.send(send('aborted', 2))
  await aborted.abort()
  await producer.disconnect()
  await eventually(async () =>
    expect(await readPartition(importer, topic, 2)).toEqual({ records: [], position: 2n, end: 2n }),
  )
})

test('I1, I2: a second writer under the same id fences the first; what the first left open is never seen', async () => {
  const first = await importer.transactionalWriter('fence')
  const order = (orderReference: string) => ({
    key: `${orderReference}|channel-de`,
    value: salesOrder({ orderReference }),
    eventId: orderReference,
    timestamp: 1_790_000_000_000,
    partition: 3,
  })
  await first.transaction((outbox) => outbox.write('sales-orders.v1', order('by the first')))
  const second = await importer.transactionalWriter('fence')
  await expect(
    first.transaction((outbox) => outbox.write('sales-orders.v1', order('by the first, too late'))),
  ).rejects.toMatchObject({ code: 'KAFKA_TRANSACTION_UNCERTAIN', retryable: true })
  await second.transaction((outbox) => outbox.write('sales-orders.v1', order('by the second')))
  await Promise.all([first.close(), second.close()])

  await eventually(async () => {
    const { records } = await readPartition(importer, topic, 3)
    expect(records.map((r) => r.headers.ce_id?.toString())).toEqual(['by the first', 'by the second'])
  })
})
