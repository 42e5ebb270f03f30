import { createHash } from 'node:crypto'
import type { SalesOrder } from '@backhaul/domain'
import { salesOrderKey } from '@backhaul/flow'
import type { KafkaClient, TransactionalWriter } from '@backhaul/kafka'
import type { Published, PublishedOrders } from './adapters/published-orders.ts'

/** What became of the orders of one call. */
export interface Imported {
  readonly accepted: number
  /** Published before with the same content. */
  readonly unchanged: number
  /** Older than what is published. */
  readonly stale: number
}

/** Publishes sales orders: in one transaction a call, only what is new, never older over newer. */
export class OrderPipeline {
  readonly #kafka: KafkaClient<'order-importer'>
  readonly #published: PublishedOrders
  readonly #transactionalId: string
  #writer: Promise<TransactionalWriter<'order-importer'>> | undefined
  #last: Promise<unknown> = Promise.resolve()

  /** @param transactionalId Of this instance alone. */
  constructor(kafka: KafkaClient<'order-importer'>, published: PublishedOrders, transactionalId: string) {
    this.#kafka = kafka
    this.#published = published
    this.#transactionalId = transactionalId
  }

  async import(tenantId: string, orders: readonly SalesOrder[], now: number): Promise<Imported> {
    const newest = new Map<string, SalesOrder>()
    for (const order of orders) {
      const key = keyOf(order)
      const before = newest.get(key)
      if (!before || before.sourceVersion <= order.sourceVersion) newest.set(key, order)
    }
    const counts = { accepted: 0, unchanged: 0, stale: orders.length - newest.size }
    await this.#published.update(tenantId, [...newest.keys()], async (known) => {
      const fresh: { order: SalesOrder; published: Published }[] = []
      for (const [key, order] of newest) {
        const published = { key, sourceVersion: order.sourceVersion, digest: digestOf(order) }
        const before = known.get(key)
        if (before?.digest === published.digest) counts.unchanged += 1
        else if (before && before.sourceVersion > order.sourceVersion) counts.stale += 1
        else fresh.push({ order, published })
      }
      counts.accepted = fresh.length
      await this.#write(
        fresh.map(({ order, published }) => ({ order, ...published })),
        now,
      )
      return fresh.map((f) => f.published)
    })
    return counts
  }

  /** Deletes an order by a tombstone. @returns False when there is none. */
  async delete(tenantId: string, orderReference: string, channelId: string, now: number): Promise<boolean> {
    const key = salesOrderKey.of(orderReference, channelId)
    let found = false
    await this.#published.update(tenantId, [key], async (known) => {
      const before = known.get(key)
      if (!before || before.digest === DELETED) return []
      found = true
      await this.#write([{ key, order: null, sourceVersion: before.sourceVersion }], now)
      return [{ key, sourceVersion: before.sourceVersion, digest: DELETED }]
    })
    return found
  }

  async close(): Promise<void> {
    await this.#last
    await (await this.#writer)?.close()
  }

  /** One transaction at a time; a writer is spent after any error. */
  #write(
    records: readonly { key: string; order: SalesOrder | null; sourceVersion: number }[],
    now: number,
  ): Promise<void> {
    const written = this.#last.then(async () => {
      if (records.length === 0) return
      this.#writer ??= this.#kafka.transactionalWriter(this.#transactionalId)
      try {
        const writer = await this.#writer
        await writer.transaction((outbox) => {
          for (const { key, order, sourceVersion } of records) {
            const eventId = `${key}:${sourceVersion}${order ? '' : ':deleted'}`
            outbox.write('sales-orders.v1', { key, value: order, eventId, timestamp: now })
          }
        })
      } catch (error) {
        const spent = this.#writer
        this.#writer = undefined
        await spent?.then((writer) => writer.close()).catch(() => {})
        throw error
      }
    })
    this.#last = written.catch(() => {})
    return written
  }
}

const DELETED = 'deleted'

const keyOf = (order: SalesOrder) => salesOrderKey.of(order.orderReference, order.channelId)

/** Content without the version: a caller that gives none sends the same order under another one each time. */
function digestOf({ sourceVersion: _, ...content }: SalesOrder): string {
  const entries = Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex')
}
