import { type TopicName, topics } from '@backhaul/flow'
import type { Story } from './story.ts'

const FETCH_WAIT_MS = 50

/** One record as the log holds it. */
export type RawRecord = Awaited<
  ReturnType<ReturnType<Story['kafka']['partitionReader']>['fetch']>
>[number]['records'][number]

/** All committed records of a topic, as bytes. */
export async function rawRecords({ kafka }: Pick<Story, 'kafka'>, topic: TopicName): Promise<RawRecord[]> {
  const name = kafka.physical(topic)
  const records: RawRecord[] = []
  for (let partition = 0; partition < topics[topic].partitions; partition++) {
    const reader = kafka.partitionReader()
    try {
      const end = await reader.latest(name, partition)
      let next = await reader.earliest(name, partition)
      await reader.seek(name, partition, next)
      while (next < end) {
        for (const batch of await reader.fetch(FETCH_WAIT_MS)) {
          records.push(...batch.records)
          next = batch.nextOffset
        }
      }
    } finally {
      await reader.close()
    }
  }
  return records
}
