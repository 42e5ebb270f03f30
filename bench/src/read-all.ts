import type { KafkaClient } from '@backhaul/kafka'

/** Longest wait of a fetch; the end is known, so it is hardly ever met. */
const FETCH_WAIT_MS = 50

/** A record as it stands in a topic. */
export interface Written {
  readonly partition: number
  readonly timestamp: number
  readonly key: string | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
}

/** All committed records of a topic, partition by partition in the order of the log. */
export async function readAll(
  kafka: KafkaClient<'reconciler'>,
  topic: string,
  partitions: number,
): Promise<Written[]> {
  const written: Written[] = []
  for (let partition = 0; partition < partitions; partition++) {
    const reader = kafka.partitionReader()
    try {
      const end = await reader.latest(topic, partition)
      await reader.seek(topic, partition, 0n)
      for (let next = 0n; next < end; ) {
        for (const batch of await reader.fetch(FETCH_WAIT_MS)) {
          for (const { key, value, headers, timestamp } of batch.records) {
            const texts = Object.entries(headers).map(([name, text]) => [name, String(text)] as const)
            written.push({
              partition,
              timestamp,
              key: key && String(key),
              value,
              headers: Object.fromEntries(texts),
            })
          }
          next = batch.nextOffset
        }
      }
    } finally {
      await reader.close()
    }
  }
  return written
}
