import { Fault } from '@backhaul/domain'
import type { TopicName } from '@backhaul/flow'
import type * as kafkajs from 'kafkajs'
import { CompressionTypes } from './internals.ts'
import { type RawMessage, toEncodableRaw } from './outbox.ts'
import type { InputRecord } from './records.ts'
import { Sends, topicMessagesOf } from './sends.ts'

/** Headers of a dead letter: where the record came from and why it is here. Bytes stay untouched. */
export function deadLetterHeaders(
  record: InputRecord,
  fault: Fault,
  step: string,
  appVersion: string,
): Record<string, string | Buffer> {
  const original = Object.entries(record.raw.headers).filter((h): h is [string, Buffer] => h[1] !== null)
  return {
    ...Object.fromEntries(original),
    'origin-topic': record.topic,
    'origin-partition': String(record.partition),
    'origin-offset': String(record.offset),
    'origin-timestamp': String(record.timestamp),
    step,
    'error-code': fault.code,
    'error-message': fault.message,
    attempt: '1',
    'app-version': appVersion,
  }
}

/** Writes dead letters outside of transactions, for sinks. Opens its producer at the first one. */
export class DeadLetterWriter {
  readonly #client: kafkajs.Kafka
  #producer: kafkajs.Producer | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(client: kafkajs.Kafka) {
    this.#client = client
  }

  /**
   * Sends one after the other: parallel sends of an idempotent producer of kafkajs break its sequence numbers (issue 598).
   *
   * @throws Fault `KAFKA_UNAVAILABLE`, retryable; `MESSAGE_TOO_LARGE`, not retryable, with nothing sent.
   */
  async send(topic: TopicName, physicalTopic: string, messages: readonly RawMessage[]): Promise<void> {
    const sends = new Sends()
    sends.addAll(messages.map((message) => toEncodableRaw(topic, physicalTopic, message)))
    const sent = this.#last.then(() => this.#send(sends))
    this.#last = sent.catch(() => {})
    await sent
  }

  async close(): Promise<void> {
    const producer = this.#producer
    this.#producer = undefined
    await producer?.disconnect().catch(() => {})
  }

  async #send(sends: Sends): Promise<void> {
    try {
      if (!this.#producer) {
        this.#producer = this.#client.producer({
          idempotent: true,
          maxInFlightRequests: 1,
          allowAutoTopicCreation: false,
        })
        await this.#producer.connect()
      }
      for (const send of sends.list) {
        await this.#producer.sendBatch({
          compression: CompressionTypes.ZSTD,
          topicMessages: topicMessagesOf(send),
        })
      }
      sends.release()
    } catch (cause) {
      await this.close()
      throw new Fault('KAFKA_UNAVAILABLE', 'The dead letters cannot be written now', {
        retryable: true,
        cause,
      })
    }
  }
}
