import type { Codec } from '@backhaul/codec'
import type { ServiceName, TopicName, WritesOf } from '@backhaul/flow'
import type * as kafkajs from 'kafkajs'
import type { EncodableRecord } from './encoded-records.ts'
import { PlainHeaders } from './headers.ts'
import { type OutgoingRecord, partitionOf, toEncodable } from './outgoing.ts'
import { type Send, Sends } from './sends.ts'

/** One record, with the topic that it is for. */
export type Write<S extends ServiceName> = {
  [T in WritesOf<S>]: OutgoingRecord<T> & { readonly topic: T }
}[WritesOf<S>]

/** A record of bytes as they are. Without a time it has that of now. */
export interface RawMessage {
  readonly key?: Buffer | string | null | undefined
  readonly value: Buffer | string | null
  readonly partition?: number | undefined
  readonly timestamp?: string | undefined
  readonly headers?: kafkajs.IHeaders | undefined
}

export const toEncodableRaw = (
  topic: TopicName,
  physicalTopic: string,
  { key = null, value, partition, timestamp, headers }: RawMessage,
): EncodableRecord => ({
  topic: physicalTopic,
  partition: partition ?? partitionOf(topic, key ?? Buffer.alloc(0)),
  timestamp: Number(timestamp ?? Date.now()),
  key,
  value: typeof value === 'string' ? Buffer.from(value) : value,
  headers: new PlainHeaders(headers),
})

/** Records of one transaction, gathered and encoded before anything is sent. */
export class Outbox<S extends ServiceName> {
  readonly #sends = new Sends()
  readonly #codec: Codec
  readonly #service: S
  readonly #physical: (topic: TopicName) => string

  constructor(codec: Codec, service: S, physical: (topic: TopicName) => string) {
    this.#codec = codec
    this.#service = service
    this.#physical = physical
  }

  /** What was written, in sends that brokers take. */
  get sends(): readonly Send[] {
    return this.#sends.list
  }

  /**
   * Adds a record; a topic that the service does not declare does not compile.
   *
   * @throws Fault `MESSAGE_TOO_LARGE`, not retryable; nothing was added.
   */
  write<T extends WritesOf<S>>(topic: T, record: OutgoingRecord<T>): void {
    this.#sends.addAll([toEncodable(this.#codec, this.#service, topic, this.#physical(topic), record)])
  }

  /**
   * Adds records that belong together.
   *
   * @throws Fault `MESSAGE_TOO_LARGE`, not retryable; none of them was added.
   */
  writeTogether(writes: readonly Write<S>[]): void {
    this.#sends.addAll(
      writes.map((write) =>
        toEncodable(this.#codec, this.#service, write.topic, this.#physical(write.topic), write),
      ),
    )
  }

  /**
   * Adds bytes as they are, for dead letters.
   *
   * @throws Fault `MESSAGE_TOO_LARGE`, not retryable; nothing was added.
   */
  writeRaw(topic: WritesOf<S>, message: RawMessage): void {
    this.#sends.addAll([toEncodableRaw(topic, this.#physical(topic), message)])
  }

  /** Gives the memory back once it was sent, or will not be. */
  release(): void {
    this.#sends.release()
  }
}
