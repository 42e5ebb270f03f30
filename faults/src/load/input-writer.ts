import { setTimeout as sleep } from 'node:timers/promises'
import type { Codec } from '@backhaul/codec'
import { type KafkaClient, partitionOf } from '@backhaul/kafka'
import { INPUT_HEADER, type InputLog } from './input-log.ts'
import type { InputTopic, LoadedInput, LoadedTransaction } from './inputs.ts'

const PAUSE_AFTER_ERROR_MS = 300

/** Compressions by their numbers in a batch. Source: Kafka protocol guide, "Record batch". */
const NONE = 0
const ZSTD = 4

/** Where the schema id of a value stands. Source: Confluent, "Wire format". */
const SCHEMA_ID_AT = 1

type Client = KafkaClient<'report-fetcher'> | KafkaClient<'order-importer'>
type Producer = ReturnType<Client['client']['producer']>

/**
 * Writes one input topic in transactions, as its service does, or aborts them. After any error it begins anew and
 * writes the transaction again: a repeated input is one more oddity, a lost one would be a fault of the load.
 */
export class InputWriter {
  readonly #client: Client
  readonly #codec: Codec
  readonly #log: InputLog
  #producer: Producer | undefined
  #turn: Promise<void> = Promise.resolve()
  #closed = false

  constructor(client: Client, codec: Codec, log: InputLog) {
    this.#client = client
    this.#codec = codec
    this.#log = log
  }

  /** Resolves once the broker has acknowledged the transaction, or its abort; writes one at a time. */
  write(transaction: LoadedTransaction): Promise<void> {
    this.#turn = this.#turn.then(() => this.#write(transaction))
    return this.#turn
  }

  /** Ends it: what is not acknowledged by now is given up. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#disconnect()
  }

  async #write(transaction: LoadedTransaction): Promise<void> {
    const number = this.#log.begin(transaction)
    while (!this.#closed) {
      try {
        await this.#attempt(transaction, number)
        if (!transaction.aborted) this.#log.acknowledge(number)
        return
      } catch {
        await this.#disconnect()
        await sleep(PAUSE_AFTER_ERROR_MS)
      }
    }
  }

  async #disconnect(): Promise<void> {
    const producer = this.#producer
    this.#producer = undefined
    await producer?.disconnect().catch(() => {})
  }

  async #attempt({ topic, inputs, aborted, isCompressed }: LoadedTransaction, number: number): Promise<void> {
    this.#producer ??= await this.#open()
    const messages = inputs.map((input, index) => this.#message(input, `${number}/${index}`))
    const compression = isCompressed ? ZSTD : NONE
    const transaction = await this.#producer.transaction()
    await transaction.send({ topic: this.#client.physical(topic), messages, compression })
    await (aborted ? transaction.abort() : transaction.commit())
  }

  #message(input: LoadedInput, header: string) {
    return {
      key: input.key,
      value: bytesOf(this.#codec, this.#client.physical, input),
      partition: input.kind === 'poison' ? input.partition : partitionOf(input.topic, input.key),
      timestamp: String(input.timestamp),
      headers: { [INPUT_HEADER]: header },
    }
  }

  async #open(): Promise<Producer> {
    const { settings, service } = this.#client.options
    const producer = this.#client.client.producer({
      transactionalId: `${settings.TOPIC_PREFIX}${service}-load`,
      idempotent: true,
      maxInFlightRequests: 1,
      transactionTimeout: 10_000,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: 8 },
    })
    await producer.connect()
    return producer
  }
}

/** The bytes that an input has in its topic, and poison must have in the dead letters. */
export function bytesOf(
  codec: Codec,
  physical: (topic: InputTopic) => string,
  input: LoadedInput,
): Buffer | null {
  switch (input.kind) {
    case 'row': {
      const bytes = codec.encode(physical(input.topic), input.row)
      if (input.schemaId !== undefined) bytes.writeUInt32BE(input.schemaId, SCHEMA_ID_AT)
      return bytes
    }
    case 'order':
      return codec.encode(physical(input.topic), input.order)
    case 'tombstone':
      return null
    case 'poison': {
      const { topic, value, change = (encoded) => encoded } = input
      if (value === null || Buffer.isBuffer(value)) return value
      return change(codec.encode(physical(topic), value))
    }
  }
}
