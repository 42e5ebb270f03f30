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

/** Decodes a record; bad bytes become `undecodable`, a registry that is down is thrown as a retryable Fault. */
export async function toInputRecord(
  codec: Codec,
  topic: TopicName,
  partition: number,
  raw: LogRecord,
): Promise<InputRecord> {
  let value: unknown = null
  let undecodable: Fault | null = null
  const record = topics[topic].record
  if (raw.value && record) {
    try {
      const decoded = codec.decode(record, raw.value)
      value = decoded instanceof Promise ? await decoded : decoded
    } catch (error) {
      if (!(error instanceof Fault) || error.retryable) throw error
      undecodable = error
    }
  }
  return {
    topic,
    partition,
    offset: raw.offset,
    timestamp: raw.timestamp,
    key: raw.key?.toString('utf8') ?? null,
    value: value as never,
    undecodable,
    raw,
  }
}
