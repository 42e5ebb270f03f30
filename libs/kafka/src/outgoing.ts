import type { Codec } from '@backhaul/codec'
import { memo } from '@backhaul/domain'
import { type TopicName, topics } from '@backhaul/flow'
import type { EncodableRecord } from './encoded-records.ts'
import { EventHeaders, FixedHeaders } from './headers.ts'
import { murmur2 } from './murmur2.ts'
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
export function partitionOf(topic: TopicName, key: string | Buffer): number {
  const { partitionBy, partitions } = topics[topic]
  const by = typeof key === 'string' ? Buffer.from(partitionBy(key)) : key
  return (murmur2(by) & 0x7fffffff) % partitions
}

/** What all events of a service in a topic say of themselves. */
const fixedHeadersOf = memo((service) =>
  memo(
    (topic: TopicName) =>
      new FixedHeaders({
        ce_specversion: '1.0',
        ce_source: `/backhaul/${service}`,
        ce_type: `backhaul.${topics[topic].record}`,
        'content-type': 'avro/binary',
      }),
  ),
)

/** Encodes the value of a record and frames it as a CloudEvent. */
export const toEncodable = <T extends TopicName>(
  codec: Codec,
  service: string,
  topic: T,
  physicalTopic: string,
  { key, value, eventId, timestamp, partition, headers }: OutgoingRecord<T>,
): EncodableRecord => ({
  topic: physicalTopic,
  partition: partition ?? partitionOf(topic, key),
  timestamp,
  key,
  value: toBytes(codec, physicalTopic, value),
  headers: new EventHeaders(fixedHeadersOf(service)(topic), {
    id: eventId,
    subject: key,
    timestamp,
    more: headers,
  }),
})

function toBytes(codec: Codec, physicalTopic: string, value: object | Uint8Array | null): Buffer | null {
  if (value === null) return null
  if (!(value instanceof Uint8Array)) return codec.encode(physicalTopic, value)
  return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.length)
}
