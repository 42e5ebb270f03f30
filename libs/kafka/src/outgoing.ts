import type { Codec } from '@backhaul/codec'
import { type TopicName, topics } from '@backhaul/flow'
import type * as kafkajs from 'kafkajs'
import { murmur2 } from './internals.ts'
import type { ValueOf } from './records.ts'

/** One record to be written. */
export interface OutgoingRecord<T extends TopicName> {
  readonly key: string
  /** A record, or one that is in registry wire format already. Null writes a tombstone. */
  readonly value: ValueOf<T> | Uint8Array | null
  /** Identity of the event, the same at each replay: the CloudEvents id. */
  readonly eventId: string
  /** Milliseconds; becomes the CloudEvents time, and the record's timestamp unless the topic takes that of writing. */
  readonly timestamp: number
  /** Only for topics that carry the partition number of their input on. */
  readonly partition?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** Partition of a key, as Java's default partitioner would choose for the flow's partition key. */
export function partitionOf(topic: TopicName, key: string): number {
  const { partitionBy, partitions } = topics[topic]
  return (murmur2(Buffer.from(partitionBy(key))) & 0x7fffffff) % partitions
}

/** Encodes a record with its CloudEvents headers. Source: CloudEvents 1.0.2, Kafka protocol binding, binary mode. */
export function toMessage<T extends TopicName>(
  codec: Codec,
  service: string,
  topic: T,
  physicalTopic: string,
  record: OutgoingRecord<T>,
): kafkajs.Message {
  return {
    key: record.key,
    value: toBytes(codec, physicalTopic, record.value),
    partition: record.partition ?? partitionOf(topic, record.key),
    timestamp: String(record.timestamp),
    headers: {
      ce_specversion: '1.0',
      ce_id: record.eventId,
      ce_source: `/backhaul/${service}`,
      ce_type: `backhaul.${topics[topic].record}`,
      ce_subject: record.key,
      ce_time: new Date(record.timestamp).toISOString(),
      'content-type': 'avro/binary',
      ...record.headers,
    },
  }
}

function toBytes(codec: Codec, physicalTopic: string, value: object | Uint8Array | null): Buffer | null {
  if (value === null) return null
  if (!(value instanceof Uint8Array)) return codec.encode(physicalTopic, value)
  return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.length)
}
