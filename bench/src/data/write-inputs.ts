import type { KafkaClient } from '@backhaul/kafka'
import type { InputRecord, InputTopic } from './input-record.ts'

/** kafkajs groups the records of a send in quadratic time: larger ones are slower. */
const RECORDS_PER_SEND = 1_000

const TYPES = { 'amazon-return-rows.v1': 'AmazonReturnRow', 'sales-orders.v1': 'SalesOrder' } as const

/**
 * Writes records in their order, outside of transactions: an offset is a count.
 *
 * @returns How many there were, by topic.
 */
export async function writeInputs(
  kafka: KafkaClient<'reconciler'>,
  records: Iterable<InputRecord>,
): Promise<Record<InputTopic, number>> {
  const counts = { 'amazon-return-rows.v1': 0, 'sales-orders.v1': 0 }
  const waiting: Record<InputTopic, InputRecord[]> = { 'amazon-return-rows.v1': [], 'sales-orders.v1': [] }
  const producer = kafka.client.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  const send = async (topic: InputTopic) => {
    const messages = waiting[topic].splice(0).map(toMessage)
    if (messages.length > 0) await producer.send({ topic: kafka.physical(topic), messages })
  }
  for (const record of records) {
    counts[record.topic] += 1
    waiting[record.topic].push(record)
    if (waiting[record.topic].length === RECORDS_PER_SEND) await send(record.topic)
  }
  for (const topic of Object.keys(waiting) as InputTopic[]) await send(topic)
  await producer.disconnect()
  return counts
}

/** With headers of the size that the writers of these topics give. Source: CloudEvents 1.0.2. */
const toMessage = ({ topic, key, value, partition, timestamp }: InputRecord) => ({
  key,
  value,
  partition,
  timestamp: String(timestamp),
  headers: {
    ce_specversion: '1.0',
    ce_id: `${key}:${timestamp}`,
    ce_source: '/backhaul/bench',
    ce_type: `backhaul.${TYPES[topic]}`,
    ce_subject: key,
    ce_time: new Date(timestamp).toISOString(),
    'content-type': 'avro/binary',
  },
})
