import type { Codec } from '@backhaul/codec'
import { Fault, type RecordTypes } from '@backhaul/domain'
import { type ReadsOf, type ServiceName, type TopicName, topics } from '@backhaul/flow'
import type { LogRecord } from './record-batch.ts'

/** The value that a topic carries. */
export type ValueOf<T extends TopicName> = (typeof topics)[T]['record'] extends keyof RecordTypes
  ? RecordTypes[(typeof topics)[T]['record']]
  : never

/** One record as a service reads it. */
export interface InputRecord<T extends TopicName = TopicName> {
  /** Name in the flow, without prefix. */
  readonly topic: T
  readonly partition: number
  readonly offset: bigint
  readonly timestamp: number
  readonly key: string | null
  /** Null for a tombstone, and for a record that could not be decoded. */
  readonly value: ValueOf<T> | null
  /** Set when the bytes could not be decoded: known bad data for the dead letters. */
  readonly undecodable: Fault | null
  readonly raw: LogRecord
}

/** A record of any topic that a service reads, told apart by `topic`. */
export type InputOf<S extends ServiceName> = { [T in ReadsOf<S>]: InputRecord<T> }[ReadsOf<S>]

/**
 * Learns the schemas of records, so that `decodeRecord` needs no promise; a registry that is down is thrown as a retryable
 * Fault.
 */
export function learnSchemas(
  codec: Codec,
  topic: TopicName,
  raw: readonly LogRecord[],
): Promise<void> | null {
  const { record } = topics[topic]
  return record ? codec.learn(record, valuesOf(raw)) : null
}

function* valuesOf(raw: readonly LogRecord[]): Generator<Buffer | null> {
  for (const { value } of raw) yield value
}

/** Decodes records of one partition: their schemas are learnt first. */
export async function toInputRecords(
  codec: Codec,
  topic: TopicName,
  partition: number,
  raw: readonly LogRecord[],
): Promise<InputRecord[]> {
  await learnSchemas(codec, topic, raw)
  return raw.map((one) => decodeRecord(codec, topic, partition, one))
}

/** Decodes a record whose schema was learnt; bad bytes become `undecodable`. */
export function decodeRecord(codec: Codec, topic: TopicName, partition: number, raw: LogRecord): InputRecord {
  const { record } = topics[topic]
  if (!raw.value || !record) return inputRecord(topic, partition, raw, null, null)
  try {
    return inputRecord(topic, partition, raw, codec.decodeNow(record, raw.value), null)
  } catch (error) {
    if (!(error instanceof Fault) || error.retryable) throw error
    return inputRecord(topic, partition, raw, null, error)
  }
}

function inputRecord(
  topic: TopicName,
  partition: number,
  raw: LogRecord,
  value: unknown,
  undecodable: Fault | null,
): InputRecord {
  const { offset, timestamp } = raw
  const key = raw.key?.toString('utf8') ?? null
  return { topic, partition, offset, timestamp, key, value: value as never, undecodable, raw }
}
