import { Fault } from '@backhaul/domain'
import type * as kafkajs from 'kafkajs'
import { type EncodableRecord, EncodedRecords, EncodedTopic } from './encoded-records.ts'
import { zstdCompress } from './fixes/zstd-codec.ts'

/** Most bytes of one partition in one send, before compression: they become one batch. */
const BATCH_BYTES = 900_000

/** Most bytes of a record that goes alone, compressed: brokers refuse a batch above `message.max.bytes`, 1,048,588 unless set. */
const MESSAGE_BYTES = 1_048_000

/** Most bytes of what stands around key, value and headers of a record. */
const RECORD_FRAME_BYTES = 31

/** What goes to the brokers at once, by physical topic. */
export type Send = ReadonlyMap<string, EncodedTopic>

/** A send as kafkajs's `sendBatch` takes it. */
export const topicMessagesOf = (send: Send): kafkajs.TopicMessages[] =>
  Array.from(send, ([topic, records]) => ({ topic, messages: records as unknown as kafkajs.Message[] }))

/** Records in sends that brokers take, in order for each partition, encoded as they are added. */
export class Sends {
  readonly #list: Map<string, EncodedTopic>[] = []

  /** One after the other. */
  get list(): readonly Send[] {
    return this.#list
  }

  /**
   * Adds records behind those before them, all or none.
   *
   * @throws Fault `MESSAGE_TOO_LARGE`, not retryable: brokers would refuse it at each try.
   */
  addAll(records: readonly EncodableRecord[]): void {
    for (const record of records) {
      const bytes = mostBytes(record)
      if (bytes > BATCH_BYTES) refuseTooLarge(record, bytes)
    }
    for (const record of records) this.#add(record)
  }

  /** Gives the memory back; nothing of it may be sent any more. */
  release(): void {
    for (const topics of this.#list) {
      for (const { byPartition } of topics.values()) {
        for (const records of Object.values(byPartition)) records.release()
      }
    }
    this.#list.length = 0
  }

  #add(record: EncodableRecord): void {
    const { topic, partition } = record
    let records = this.#list.at(-1)?.get(topic)?.byPartition[partition]
    if (this.#list.length === 0 || (records && records.byteLength + mostBytes(record) > BATCH_BYTES)) {
      this.#list.push(new Map())
      records = undefined
    }
    if (!records) {
      const topics = this.#list.at(-1) as Map<string, EncodedTopic>
      const encoded = topics.get(topic) ?? new EncodedTopic()
      topics.set(topic, encoded)
      records = new EncodedRecords()
      encoded.byPartition[partition] = records
    }
    records.add(record)
  }
}

/** Bytes of a record in a batch, at most, before compression. */
const mostBytes = ({ key, value, headers }: EncodableRecord): number =>
  RECORD_FRAME_BYTES + byteLength(key) + (value?.length ?? 0) + headers.mostBytes

const byteLength = (data: Buffer | string | null): number => (data === null ? 0 : Buffer.byteLength(data))

/** A record above the limit goes alone: it is what it takes compressed that counts. */
function refuseTooLarge({ topic, key, value }: EncodableRecord, bytes: number): void {
  const compressed = bytes - (value?.length ?? 0) + zstdCompress(value ?? Buffer.alloc(0)).length
  if (compressed <= MESSAGE_BYTES) return
  throw new Fault(
    'MESSAGE_TOO_LARGE',
    `A record for ${topic} has ${bytes} bytes, ${compressed} of them left by compression; brokers take ${MESSAGE_BYTES}. ` +
      'Its input belongs into the dead letters, or the limit must be raised',
    { details: { topic, keyBytes: byteLength(key), bytes, compressed } },
  )
}
