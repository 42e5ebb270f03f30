import { salesOrderKey } from '@backhaul/flow'
import type { OrderWriter } from './adapters/order-writer.ts'
import type { PublishedOrders } from './adapters/published-orders.ts'
import type { TakenOrder } from './sales-order.ts'
import { DELETED, decide, type Outcome } from './steps/decide.ts'

/** How many orders of a call had which outcome. */
export type Imported = Readonly<Record<Outcome, number>>

/** Publishes sales orders: what is new of a call in one transaction, never older over newer. One call after the other. */
export class OrderPipeline {
  readonly #published: PublishedOrders
  readonly #writer: OrderWriter
  readonly #now: () => number
  #last: Promise<unknown> = Promise.resolve()

  constructor(published: PublishedOrders, writer: OrderWriter, now: () => number) {
    this.#published = published
    this.#writer = writer
    this.#now = now
  }

  /** @throws Fault of Postgres or Kafka, retryable: the same orders may be sent again. */
  async import(tenantId: string, taken: readonly TakenOrder[]): Promise<Imported> {
    const counts = { accepted: 0, unchanged: 0, stale: 0 }
    const keys = taken.map((order) => salesOrderKey.of(order.orderReference, order.channelId))
    await this.#next(() =>
      this.#published.update(tenantId, keys, (known) => {
        const now = this.#now()
        const { outcomes, records, notes } = decide(known, taken, now)
        for (const outcome of outcomes) counts[outcome] += 1
        return { notes, publish: records.length > 0 ? () => this.#writer.write(records, now) : undefined }
      }),
    )
    return counts
  }

  /**
   * Deletes an order by a tombstone. An older state that comes later does not bring it back.
   *
   * @returns False when there is none.
   * @throws Fault of Postgres or Kafka, retryable.
   */
  async delete(tenantId: string, orderReference: string, channelId: string): Promise<boolean> {
    const key = salesOrderKey.of(orderReference, channelId)
    let found = false
    await this.#next(() =>
      this.#published.update(tenantId, [key], (known) => {
        const before = known.get(key)
        found = before !== undefined && before.digest !== DELETED
        if (!before || !found) return { notes: [], publish: undefined }
        const { sourceVersion } = before
        return {
          notes: [{ key, sourceVersion, digest: DELETED }],
          publish: () => this.#writer.write([{ key, order: null, sourceVersion }], this.#now()),
        }
      }),
    )
    return found
  }

  /** Waits for the calls that are under way. */
  async close(): Promise<void> {
    await this.#last
  }

  #next<T>(call: () => Promise<T>): Promise<T> {
    const done = this.#last.then(call)
    this.#last = done.catch(() => {})
    return done
  }
}
