import { Fault } from '@backhaul/domain'
import type { KafkaClient, TransactionalWriter } from '@backhaul/kafka'
import { type Waiting, waitOut } from '@backhaul/runtime'
import type { ErrorCode } from '../errors.ts'
import type { OrderRecord } from '../steps/decide.ts'

type Client = Pick<KafkaClient<'order-importer'>, 'transactionalWriter'>
type Writer = Pick<TransactionalWriter<'order-importer'>, 'transaction' | 'close'>

/**
 * Writes `sales-orders.v1`. A writer is spent after any error: a new one is opened in the background until that works,
 * `/ready` says why meanwhile, and calls are refused at once.
 */
export class OrderWriter {
  readonly #kafka: Client
  readonly #transactionalId: string
  readonly #waiting: Waiting
  readonly #fail: (error: unknown) => void
  #writer: Writer | undefined
  #opening: Promise<unknown> = Promise.resolve()

  /** @param transactionalId Of this instance alone: whoever opens it fences the others. */
  constructor(kafka: Client, transactionalId: string, waiting: Waiting, fail: (error: unknown) => void) {
    this.#kafka = kafka
    this.#transactionalId = transactionalId
    this.#waiting = waiting
    this.#fail = fail
  }

  /** @throws Fault `KAFKA_TRANSACTION_UNCERTAIN`, retryable. */
  async open(): Promise<void> {
    this.#writer = await this.#kafka.transactionalWriter(this.#transactionalId)
  }

  /**
   * Writes all records or none. One call at a time.
   *
   * @param now Milliseconds.
   * @throws Fault `KAFKA_UNAVAILABLE`, retryable: nothing was written; `KAFKA_TRANSACTION_UNCERTAIN`, retryable: nobody knows.
   */
  async write(records: readonly OrderRecord[], now: number): Promise<void> {
    const writer = this.#writer
    if (!writer) {
      const code: ErrorCode = 'KAFKA_UNAVAILABLE'
      throw new Fault(code, 'Kafka does not answer: nothing was taken', { retryable: true })
    }
    try {
      await writer.transaction((outbox) => {
        for (const { key, order, sourceVersion } of records) {
          // With the time: an order that is deleted and given again under its version is another event.
          const eventId = `${key}:${sourceVersion}:${now}${order ? '' : ':deleted'}`
          outbox.write('sales-orders.v1', { key, value: order, eventId, timestamp: now })
        }
      })
    } catch (error) {
      this.#writer = undefined
      this.#opening = this.#reopen(writer).catch(this.#fail)
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#opening
    await this.#writer?.close()
  }

  async #reopen(spent: Writer): Promise<void> {
    await spent.close()
    await waitOut('kafka', () => this.open(), this.#waiting)
  }
}
