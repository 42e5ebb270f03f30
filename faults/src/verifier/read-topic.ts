import { type TopicName, topics } from '@backhaul/flow'
import type { KafkaClient } from '@backhaul/kafka'

const WAIT_MS = 50

/** One record as a read_committed reader sees it. */
export interface ReadRecord {
  readonly partition: number
  readonly offset: bigint
  readonly key: string | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
}

/** All that a read_committed reader sees of a topic, each partition in the order of its log. */
export async function readTopic(client: KafkaClient<'reconciler'>, topic: TopicName): Promise<ReadRecord[]> {
  const read: ReadRecord[] = []
  for (let partition = 0; partition < topics[topic].partitions; partition++) {
    const reader = client.partitionReader()
    const name = client.physical(topic)
    const end = await reader.latest(name, partition)
    await reader.seek(name, partition, 0n)
    for (let next = 0n; next < end; ) {
      for (const batch of await reader.fetch(WAIT_MS)) {
        for (const { offset, key, value, headers } of batch.records) {
          const texts = Object.entries(headers).map(([header, text]) => [header, String(text)] as const)
          read.push({ partition, offset, key: key && String(key), value, headers: Object.fromEntries(texts) })
        }
        next = batch.nextOffset
      }
    }
    await reader.close()
  }
  return read
}
