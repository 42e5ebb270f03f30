import { type InputPositions, KafkaClient, type Membership, Outbox, topicMessagesOf } from '@backhaul/kafka'
import type * as kafkajs from 'kafkajs'

// The reconciler at least once, for the bench alone: it sends as an idempotent producer, then commits offsets, and does both
// without a transaction. All else is the service as it is deployed.

type Client = KafkaClient<'reconciler'>

const ZSTD = 4

const seats = new WeakMap<Client, Promise<Membership>>()

/** Stands in for a TransactionalWriter. */
class AtLeastOnceWriter {
  readonly #producer: kafkajs.Producer
  readonly #kafka: Client

  private constructor(producer: kafkajs.Producer, kafka: Client) {
    this.#producer = producer
    this.#kafka = kafka
  }

  static async open(kafka: Client): Promise<AtLeastOnceWriter> {
    const producer = kafka.client.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
    })
    await producer.connect()
    return new AtLeastOnceWriter(producer, kafka)
  }

  outbox(): Outbox<'reconciler'> {
    const { codec, service } = this.#kafka.options
    return new Outbox(codec, service, this.#kafka.physical)
  }

  async commit(outbox: Outbox<'reconciler'>, inputs?: InputPositions): Promise<Map<string, bigint>> {
    for (const send of outbox.sends) {
      await this.#producer.sendBatch({ compression: ZSTD, topicMessages: topicMessagesOf(send) })
    }
    const seat = await seats.get(this.#kafka)
    if (!seat) throw new Error('The client has taken no seat')
    await Promise.all((inputs?.positions ?? []).map((p) => seat.commit(p.topic, p.partition, p.nextOffset)))
    outbox.release()
    return new Map()
  }

  close(): Promise<void> {
    return this.#producer.disconnect()
  }
}

/** Offsets of a group are taken from a member only. */
const { join } = KafkaClient.prototype
Object.assign(KafkaClient.prototype, {
  join(this: Client, ...asked: Parameters<Client['join']>) {
    const seat = join.apply(this, asked)
    seats.set(this, seat)
    return seat
  },
  transactionalWriter(this: Client) {
    return AtLeastOnceWriter.open(this)
  },
})

await import('../../../services/reconciler/src/main.ts')
