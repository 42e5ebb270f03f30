import type { Codec } from '@backhaul/codec'
import { Fault } from '@backhaul/domain'
import type { ServiceName, TopicName } from '@backhaul/flow'
import { TRANSACTION_TIMEOUT_MS } from '@backhaul/runtime'
import type * as kafkajs from 'kafkajs'
import { CompressionTypes } from './internals.ts'
import { Outbox } from './outbox.ts'
import { topicMessagesOf } from './sends.ts'

/** What a broker says that knows a batch already, but not where it stands. */
const UNKNOWN_OFFSET = -1

/** Positions to commit with a transaction. */
export interface InputPositions {
  readonly group: string
  readonly positions: readonly { topic: string; partition: number; nextOffset: bigint }[]
}

/** Offset behind the last record written, by `endKey`; none where the broker did not say. */
export type WrittenEnds = ReadonlyMap<string, bigint>

/** Name of a physical topic's partition. */
export const endKey = (topic: string, partition: number): string => `${topic}/${partition}`

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
   * @returns Offsets behind the last record of each partition that was written to.
   * @throws Fault `KAFKA_TRANSACTION_UNCERTAIN`, retryable: it may or may not have happened. The writer is spent.
   */
  async commit(outbox: Outbox<S>, inputs?: InputPositions): Promise<WrittenEnds> {
    // 1. send records  fails → nothing visible; the caller starts anew
    // 2. send offsets  fails → the same
    // 3. commit        fails → unknown; the next InitProducerId settles it, the committed offsets tell how
    try {
      const ends = new Map<string, bigint>()
      const tx = await this.#producer.transaction()
      for (const send of outbox.sends) {
        const topicMessages = topicMessagesOf(send)
        const written = await tx.sendBatch({ compression: CompressionTypes.ZSTD, topicMessages })
        for (const { topicName, partition, baseOffset } of written) {
          const base = Number(baseOffset ?? UNKNOWN_OFFSET)
          const count = send.get(topicName)?.byPartition[partition]?.length ?? 0
          if (base > UNKNOWN_OFFSET) ends.set(endKey(topicName, partition), BigInt(base + count))
        }
      }
      if (inputs) {
        const byTopic = Map.groupBy(inputs.positions, (p) => p.topic)
        const topics = [...byTopic].map(([topic, positions]) => ({
          topic,
          partitions: positions.map((p) => ({ partition: p.partition, offset: String(p.nextOffset) })),
        }))
        await tx.sendOffsets({ consumerGroupId: inputs.group, topics })
      }
      await tx.commit()
      outbox.release()
      return ends
    } catch (error) {
      throw unavailable(error)
    }
  }

  async close(): Promise<void> {
    await this.#producer.disconnect().catch(() => {})
  }
}

function unavailable(cause: unknown): Fault {
  const told = cause instanceof Error ? cause.message : String(cause)
  return new Fault('KAFKA_TRANSACTION_UNCERTAIN', `A Kafka transaction did not end well: ${told}`, {
    retryable: true,
    cause,
  })
}
