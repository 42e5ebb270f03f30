import { randomFrom } from '@backhaul/amazon-simulator'
import { topics } from '@backhaul/flow'
import { partitionOf } from '@backhaul/kafka'
import { daysAgo, orderLine, type ReportRow, reportRow, salesOrder } from './given.ts'
import { DE, FR, GB } from './seller.ts'

const ORDERS = 80
const RETURNS = 60
const NEW_RETURNS_A_CYCLE = 12
const CHANGED_SHARE = 0.3
/** A late order is there after so many cycles. */
const LATE_BY_CYCLES = 3

/** What must be true of a return in the end, by its order reference. */
export interface Expected {
  readonly link: string
  readonly salesOrderId: string | null
  readonly amazonStatus: string
  readonly tracking: string | null
  /** Minor units by SKU; null while nothing was refunded. */
  readonly refunded: Readonly<Record<string, number | null>>
  readonly currency: string
}

/** How the order of a return is known to the seller. */
type Filed = 'in time' | 'late' | 'never' | 'in another channel'

interface Order {
  readonly reference: string
  readonly marketplaceId: string
  readonly skus: readonly string[]
  readonly filed: Filed
}

interface Return {
  readonly order: Order
  /** As Amazon writes them; one may be unknown to the order. */
  readonly skus: readonly string[]
  status: string
  tracking: string | null
  delivered: boolean
  refundedMinor: number | null
}

const currencyOf = (marketplaceId: string) => (marketplaceId === GB ? 'GBP' : 'EUR')

/**
 * Orders, and returns that go on from cycle to cycle, from a seed. It knows what must come of them without asking the
 * system: an oracle from its own inputs.
 */
export class Scenario {
  readonly #random: () => number
  readonly #channels: Readonly<Record<string, string>>
  readonly #orders: Order[]
  readonly #open: Return[]
  readonly #returns: Return[] = []
  #cycle = 0

  /** @param channels Channel by marketplace: DE, FR and GB. */
  constructor(seed: number, channels: Readonly<Record<string, string>>) {
    this.#random = randomFrom(seed)
    this.#channels = channels
    this.#orders = Array.from({ length: ORDERS }, (_, n) => this.#newOrder(n))
    this.#open = this.#orders.slice(0, RETURNS).map((order) => this.#newReturn(order))
  }

  /** The orders that the seller has by now, as REST takes them; each cycle at a newer version. */
  ordersNow(): object[] {
    const filed: readonly Filed[] = [
      'in time',
      'in another channel',
      ...(this.#cycle > LATE_BY_CYCLES ? ['late' as const] : []),
    ]
    return this.#orders
      .filter((order) => filed.includes(order.filed))
      .map((order) => this.#toSalesOrder(order))
  }

  /** The next cycle: some returns are new, some have moved on. */
  moveOn(): void {
    this.#cycle += 1
    for (const known of this.#returns) if (this.#random() < CHANGED_SHARE) this.#change(known)
    this.#returns.push(...this.#open.splice(0, NEW_RETURNS_A_CYCLE))
  }

  /** One more linked return in each partition: when the stores have them, they have all before. @returns Their orders. */
  close(): string[] {
    const last: Order[] = []
    const partitions = new Set<number>()
    for (let n = ORDERS; partitions.size < topics['amazon-return-rows.v1'].partitions; n++) {
      const order: Order = { ...this.#newOrder(n), filed: 'in time' }
      const partition = partitionOf('amazon-return-rows.v1', order.reference)
      if (!partitions.has(partition)) last.push(order)
      partitions.add(partition)
    }
    this.#cycle += 1
    this.#orders.push(...last)
    this.#returns.push(
      ...this.#open.splice(0),
      ...last.map((order) => ({ ...blank(order), skus: order.skus })),
    )
    return last.map((order) => order.reference)
  }

  /** What Amazon reports now, by marketplace. */
  rows(): Map<string, ReportRow[]> {
    const rows = this.#returns.flatMap((r) =>
      toRows(r).map((row) => ({ marketplaceId: r.order.marketplaceId, row })),
    )
    const byMarketplace = Map.groupBy(rows, ({ marketplaceId }) => marketplaceId)
    return new Map([...byMarketplace].map(([id, list]) => [id, list.map(({ row }) => row)]))
  }

  expected(): Map<string, Expected> {
    return new Map(this.#returns.map((r) => [r.order.reference, toExpected(r)]))
  }

  #newOrder(n: number): Order {
    const marketplaceId = this.#pick([DE, FR, GB])
    const filed: Filed =
      n % 20 === 7 ? 'never' : n % 20 === 13 ? 'in another channel' : n % 6 === 0 ? 'late' : 'in time'
    return {
      reference: `304-${String(Math.floor(this.#random() * 1e7)).padStart(7, '0')}-${String(n).padStart(7, '0')}`,
      marketplaceId,
      skus: this.#random() < 0.3 ? [`SKU-${n}-A`, `SKU-${n}-B`] : [`SKU-${n}-A`],
      filed,
    }
  }

  #newReturn(order: Order): Return {
    const skus = this.#random() < 0.1 ? [`${order.skus[0]}-UNKNOWN`, ...order.skus.slice(1)] : order.skus
    return { ...blank(order), skus }
  }

  /** The next thing that happens to a return; in the end, a little more is refunded each time. */
  #change(r: Return): void {
    if (r.tracking === null) r.tracking = `TRK-${r.order.reference}`
    else if (!r.delivered) r.delivered = true
    else if (r.refundedMinor === null) r.refundedMinor = Math.floor(this.#random() * 10_000)
    else if (r.status === 'Approved') r.status = 'Closed'
    else r.refundedMinor += 1 + Math.floor(this.#random() * 99)
  }

  #toSalesOrder({ reference, marketplaceId, skus, filed }: Order): object {
    const holder = filed === 'in another channel' ? (marketplaceId === DE ? FR : DE) : marketplaceId
    const currency = currencyOf(marketplaceId)
    const price = { amountMinor: 1999, currency }
    const items = skus.map((sku) => orderLine(sku, { price }))
    const [status, sourceVersion] = [`checked ${this.#cycle} times`, this.#cycle]
    return salesOrder(reference, this.#channels[holder], { items, currency, status, sourceVersion })
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T
  }
}

const blank = (order: Order) => ({
  order,
  status: 'Approved',
  tracking: null,
  delivered: false,
  refundedMinor: null,
})

const toRows = ({ order, skus, status, tracking, delivered, refundedMinor }: Return): ReportRow[] =>
  skus.map((sku) =>
    reportRow(order.reference, {
      'Merchant SKU': sku,
      'Return request status': status,
      'Currency code': currencyOf(order.marketplaceId),
      'Tracking ID': tracking ?? '',
      'Return carrier': tracking === null ? '' : 'DHL',
      'Return delivery date': delivered ? daysAgo(3) : '',
      'Refunded Amount': refundedMinor === null ? '' : (refundedMinor / 100).toFixed(2),
    }),
  )

function toExpected({ order, skus, status, tracking, refundedMinor }: Return): Expected {
  const linked = order.filed === 'in time' || order.filed === 'late'
  const complete = skus.every((sku) => order.skus.includes(sku))
  return {
    link: linked ? (complete ? 'LINKED' : 'PARTLY') : 'WAITING',
    salesOrderId: linked ? `order ${order.reference}` : null,
    amazonStatus: status,
    tracking,
    refunded: Object.fromEntries(skus.map((sku) => [sku, refundedMinor])),
    currency: currencyOf(order.marketplaceId),
  }
}
