import type { KafkaClient } from '@backhaul/kafka'
import type { LogRecord } from '../src/record-batch.ts'

/** All records of a partition that a read_committed reader sees from an offset on, and where it stands then. */
export async function readPartition(
  client: Pick<KafkaClient<'reconciler'>, 'partitionReader'>,
  topic: string,
  partition: number,
  from?: bigint,
): Promise<{ records: LogRecord[]; position: bigint; end: bigint }> {
  const reader = client.partitionReader()
  try {
    const end = await reader.latest(topic, partition)
    let position = from ?? (await reader.earliest(topic, partition))
    await reader.seek(topic, partition, position)
    const records: LogRecord[] = []
    while (position < end) {
      for (const batch of await reader.fetch(50)) {
        records.push(...batch.records)
        position = batch.nextOffset
      }
    }
    return { records, position, end }
  } finally {
    await reader.close()
  }
}
