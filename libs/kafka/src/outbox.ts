import type { Codec } from '@backhaul/codec'
import type { ServiceName, TopicName, WritesOf } from '@backhaul/flow'
import type * as kafkajs from 'kafkajs'
import { type OutgoingRecord, toMessage } from './outgoing.ts'
import { Sends } from './sends.ts'

/** One record, with the topic that it is for. */
export type Write<S extends ServiceName> = {
  [T in WritesOf<S>]: OutgoingRecord<T> & { readonly topic: T }
}[WritesOf<S>]

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
  get sends(): readonly kafkajs.TopicMessages[][] {
    return this.#sends.list
  }

  /**
   * Adds a record; a topic that the service does not declare does not compile.
   *
   * @throws Fault `MESSAGE_TOO_LARGE`, not retryable; nothing was added.
   */
  write<T extends WritesOf<S>>(topic: T, record: OutgoingRecord<T>): void {
    this.#sends.addAll([this.#encoded(topic, record)])
  }

  /**
   * Adds records that belong together.
   *
   * @throws Fault `MESSAGE_TOO_LARGE`, not retryable; none of them was added.
   */
  writeTogether(writes: readonly Write<S>[]): void {
    this.#sends.addAll(writes.map((write) => this.#encoded(write.topic, write)))
  }

  /**
   * Adds bytes as they are, for dead letters.
   *
   * @throws Fault `MESSAGE_TOO_LARGE`, not retryable; nothing was added.
   */
  writeRaw(topic: WritesOf<S>, message: kafkajs.Message): void {
    this.#sends.add(this.#physical(topic), message)
  }

  #encoded<T extends WritesOf<S>>(topic: T, record: OutgoingRecord<T>): [string, kafkajs.Message] {
    const name = this.#physical(topic)
    return [name, toMessage(this.#codec, this.#service, topic, name, record)]
  }
}
