import { type InputPositions, KafkaClient, Outbox, topicMessagesOf } from '@backhaul/kafka'
import type * as kafkajs from 'kafkajs'

// The reconciler at least once, for the bench alone: it sends as an idempotent producer, then commits offsets, and does both
// without a transaction. All else is the service as it is deployed.

type Client = KafkaClient<'reconciler'>

const ZSTD = 4

const consumers = new WeakMap<kafkajs.Kafka, kafkajs.Consumer>()

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

  async commit(outbox: Outbox<'reconciler'>, { positions }: InputPositions): Promise<Map<string, bigint>> {
    for (const send of outbox.sends) {
      await this.#producer.sendBatch({ compression: ZSTD, topicMessages: topicMessagesOf(send) })
    }
    const offsets = positions.map(({ topic, partition, nextOffset }) => ({
      topic,
      partition,
      offset: String(nextOffset),
    }))
    await consumers.get(this.#kafka.client)?.commitOffsets(offsets)
    outbox.release()
    return new Map()
  }

  close(): Promise<void> {
    return this.#producer.disconnect()
  }
}

/** Offsets of a group are taken from a member only: the one that `process` makes. */
const { process: processOnce } = KafkaClient.prototype
Object.assign(KafkaClient.prototype, {
  process(this: Client, options: Parameters<Client['process']>[0]) {
    const create = this.client.consumer.bind(this.client)
    this.client.consumer = (config) => {
      const consumer = create(config)
      consumers.set(this.client, consumer)
      return consumer
    }
    return processOnce.call(this, options as never)
  },
  transactionalWriter(this: Client) {
    return AtLeastOnceWriter.open(this)
  },
})

await import('../../../services/reconciler/src/main.ts')
