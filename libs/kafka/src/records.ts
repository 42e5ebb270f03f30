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
 * Decodes records of one partition; bad bytes become `undecodable`, a registry that is down is thrown as a retryable Fault.
 * Waits only for a schema that is not known yet: a promise for each record would cost more than decoding it.
 */
export async function toInputRecords(
  codec: Codec,
  topic: TopicName,
  partition: number,
  raw: readonly LogRecord[],
): Promise<InputRecord[]> {
  const records = new Array<InputRecord>(raw.length)
  for (let i = 0; i < raw.length; i++) {
    const record = toInputRecord(codec, topic, partition, raw[i] as LogRecord)
    records[i] = record instanceof Promise ? await record : record
  }
  return records
}

/** Decodes a record; see `toInputRecords`. A promise only where the schema is not known yet. */
export function toInputRecord(
  codec: Codec,
  topic: TopicName,
  partition: number,
  raw: LogRecord,
): InputRecord | Promise<InputRecord> {
  const { record } = topics[topic]
  const read = (value: unknown) => inputRecord(topic, partition, raw, value, null)
  const refuse = (error: unknown) => {
    if (!(error instanceof Fault) || error.retryable) throw error
    return inputRecord(topic, partition, raw, null, error)
  }
  if (!raw.value || !record) return read(null)
  try {
    const value = codec.decode(record, raw.value)
    return value instanceof Promise ? value.then(read, refuse) : read(value)
  } catch (error) {
    return refuse(error)
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
