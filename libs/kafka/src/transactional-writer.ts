import { setTimeout as sleep } from 'node:timers/promises'
import type { Codec } from '@backhaul/codec'
import { Fault } from '@backhaul/domain'
import type { ServiceName, TopicName, WritesOf } from '@backhaul/flow'
import type * as kafkajs from 'kafkajs'
import { CompressionTypes } from './internals.ts'
import { type OutgoingRecord, toMessage } from './outgoing.ts'

/** Kafka aborts a transaction that is open longer. Source: the default of Kafka Streams. */
const TRANSACTION_TIMEOUT_MS = 10_000

/** kafkajs groups records in quadratic time: larger sends are slower, not faster. */
const RECORDS_PER_SEND = 1_000

/** How long the markers of the transaction before may take: 2 s, well within the transaction's own time. */
const MARKER_TRIES = 100
const MARKER_PAUSE_MS = 20

/** Records of one transaction, gathered and encoded before anything is sent. */
export class Outbox<S extends ServiceName> {
  readonly messages = new Map<string, kafkajs.Message[]>()
  readonly #codec: Codec
  readonly #service: S
  readonly #physical: (topic: TopicName) => string

  constructor(codec: Codec, service: S, physical: (topic: TopicName) => string) {
    this.#codec = codec
    this.#service = service
    this.#physical = physical
  }

  /** Adds a record; a topic that the service does not declare does not compile. */
  write<T extends WritesOf<S>>(topic: T, record: OutgoingRecord<T>): void {
    const name = this.#physical(topic)
    this.#add(name, toMessage(this.#codec, this.#service, topic, name, record))
  }

  /** Adds bytes as they are, for dead letters. */
  writeRaw(topic: WritesOf<S>, message: kafkajs.Message): void {
    this.#add(this.#physical(topic), message)
  }

  #add(name: string, message: kafkajs.Message): void {
    const list = this.messages.get(name)
    if (list) list.push(message)
    else this.messages.set(name, [message])
  }
}

/** Positions to commit with a transaction. */
export interface InputPositions {
  readonly group: string
  readonly positions: readonly { topic: string; partition: number; nextOffset: bigint }[]
}

/**
 * One producer under one transactional id. After any error it is spent: close it and open a new one, whose
 * InitProducerId settles what the old one left.
 */
export class TransactionalWriter<S extends ServiceName> {
  readonly #producer: kafkajs.Producer
  readonly #codec: Codec
  readonly #service: S
  readonly #physical: (topic: TopicName) => string

  private constructor(
    producer: kafkajs.Producer,
    codec: Codec,
    service: S,
    physical: (topic: TopicName) => string,
  ) {
    this.#producer = producer
    this.#codec = codec
    this.#service = service
    this.#physical = physical
  }

  /** Resolves once InitProducerId is done: predecessors under this id are fenced and their transactions settled. */
  static async open<S extends ServiceName>(
    client: kafkajs.Kafka,
    transactionalId: string,
    codec: Codec,
    service: S,
    physical: (topic: TopicName) => string,
  ): Promise<TransactionalWriter<S>> {
    const producer = client.producer({
      transactionalId,
      idempotent: true,
      maxInFlightRequests: 1,
      transactionTimeout: TRANSACTION_TIMEOUT_MS,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: 8 },
    })
    try {
      await producer.connect()
      // kafkajs initialises the producer id lazily; an empty transaction forces it and sends nothing else.
      await (await producer.transaction()).abort()
    } catch (error) {
      await producer.disconnect().catch(() => {})
      throw unavailable(error)
    }
    return new TransactionalWriter(producer, codec, service, physical)
  }

  /** An empty outbox for `commit`. */
  outbox(): Outbox<S> {
    return new Outbox(this.#codec, this.#service, this.#physical)
  }

  /** Writes all that `fill` adds, all or nothing; see `commit`. */
  async transaction(fill: (outbox: Outbox<S>) => void): Promise<void> {
    const outbox = this.outbox()
    fill(outbox)
    await this.commit(outbox)
  }

  /**
   * Writes an outbox, and the input positions, all or nothing.
   *
   * @throws Fault `KAFKA_TRANSACTION_UNCERTAIN`, retryable: it may or may not have happened. The writer is spent.
   */
  async commit({ messages }: Outbox<S>, inputs?: InputPositions): Promise<void> {
    // 1. send records  fails → nothing visible; the caller starts anew
    // 2. send offsets  fails → the same
    // 3. commit        fails → unknown; the next InitProducerId settles it, the committed offsets tell how
    try {
      const tx = await this.#producer.transaction()
      for (const [topic, list] of messages) {
        for (let at = 0; at < list.length; at += RECORDS_PER_SEND) {
          const compression = CompressionTypes.GZIP
          await tx.send({ topic, compression, messages: list.slice(at, at + RECORDS_PER_SEND) })
        }
      }
      if (inputs) {
        const byTopic = Map.groupBy(inputs.positions, (p) => p.topic)
        const topics = [...byTopic].map(([topic, positions]) => ({
          topic,
          partitions: positions.map((p) => ({ partition: p.partition, offset: String(p.nextOffset) })),
        }))
        await afterPredecessor(() => tx.sendOffsets({ consumerGroupId: inputs.group, topics }))
      }
      await tx.commit()
    } catch (error) {
      throw unavailable(error)
    }
  }

  async close(): Promise<void> {
    await this.#producer.disconnect().catch(() => {})
  }
}

/**
 * Tries again while the broker still writes the markers of the transaction before: CONCURRENT_TRANSACTIONS says that
 * nothing was done. kafkajs retries it for records, not for offsets that begin a transaction.
 */
async function afterPredecessor(call: () => Promise<void>): Promise<void> {
  for (let left = MARKER_TRIES; ; left--) {
    try {
      return await call()
    } catch (error) {
      if ((error as { type?: string }).type !== 'CONCURRENT_TRANSACTIONS' || left === 0) throw error
      await sleep(MARKER_PAUSE_MS)
    }
  }
}

function unavailable(cause: unknown): Fault {
  const told = cause instanceof Error ? cause.message : String(cause)
  return new Fault('KAFKA_TRANSACTION_UNCERTAIN', `A Kafka transaction did not end well: ${told}`, {
    retryable: true,
    cause,
  })
}
