import { HEADROOM_DAYS } from '../clock.ts'
import { randomFrom } from '../random.ts'
import { type Article, catalogue } from './catalogue.ts'

const DAY_MS = 86_400_000
const PAST_DAYS = 60
const RETURN_SHARE = 0.4
const LATE_ORDER_DAYS = 7

const REASONS = [
  'CR-DEFECTIVE',
  'CR-UNWANTED_ITEM',
  'CR-ORDERED_WRONG_ITEM',
  'AMZ-PG-BAD-DESC',
  'CR-QUALITY_UNACCEPTABLE',
  'AMZ-PG-APP-TOO-SMALL',
  'CR-MISSED_ESTIMATED_DELIVERY',
  'CR-SWITCHEROO',
]

/** One line of an order. */
export interface WorldLine {
  readonly orderItemId: string
  readonly article: Article
  readonly quantity: number
}

export interface WorldOrder {
  readonly orderId: string
  readonly marketplaceId: string
  /** The marketplace whose channel holds the order; another one for an order that was filed wrongly. */
  readonly filedUnder: string
  readonly orderedAt: number
  /** When the seller's system has it: days later for an order that Amazon held back. */
  readonly availableAt: number
  readonly prime: boolean
  readonly lines: readonly WorldLine[]
}

/** A return of one line, with the moments at which it moves on. */
export interface WorldReturn {
  readonly order: WorldOrder
  readonly line: WorldLine
  readonly rmaId: string
  /** As written in the report; differs from the line's for an unknown SKU. */
  readonly sku: string
  readonly reason: string
  readonly prepaid: boolean
  readonly requestedAt: number
  readonly shippedAt: number
  readonly deliveredAt: number
  readonly refundedAt: number
  readonly closedAt: number
}

export interface World {
  readonly orders: readonly WorldOrder[]
  readonly returns: readonly WorldReturn[]
}

export interface WorldSize {
  readonly marketplaces: readonly string[]
  /** In the 60 days before the story begins; more come at the same rate as it goes on. */
  readonly orders: number
}

/** A seller's orders and returns: they depend on the seed, the epoch (milliseconds) and the size alone. */
export function worldOf(seed: number, epoch: number, { marketplaces, orders: size }: WorldSize): World {
  const count = Math.round((size * (PAST_DAYS + HEADROOM_DAYS)) / PAST_DAYS)
  const random = randomFrom(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const digits = (count: number) => Array.from({ length: count }, () => Math.floor(random() * 10)).join('')
  const letters = (count: number) =>
    Array.from({ length: count }, () => 'bcdfghjkmnpqrstvwxyz'[Math.floor(random() * 20)]).join('')
  const start = epoch - (PAST_DAYS + HEADROOM_DAYS) * DAY_MS
  const orders: WorldOrder[] = []
  const returns: WorldReturn[] = []

  for (let n = 0; n < count; n++) {
    const marketplaceId = pick(marketplaces)
    const orderedAt = start + Math.floor(random() * (PAST_DAYS + HEADROOM_DAYS - 2) * DAY_MS)
    const held = random() < 0.03
    const filedWrongly = random() < 0.03
    const lines = Array.from({ length: random() < 0.2 ? 2 : 1 }, () => ({
      orderItemId: digits(14),
      article: pick(catalogue),
      quantity: random() < 0.1 ? 2 : 1,
    })).filter((line, at, all) => all.findIndex((l) => l.article.sku === line.article.sku) === at)
    const order: WorldOrder = {
      orderId: `${300 + Math.floor(random() * 10)}-${digits(7)}-${digits(7)}`,
      marketplaceId,
      filedUnder:
        filedWrongly && marketplaces.length > 1
          ? pick(marketplaces.filter((m) => m !== marketplaceId))
          : marketplaceId,
      orderedAt,
      availableAt: orderedAt,
      prime: random() < 0.2,
      lines,
    }
    const returned = random() < RETURN_SHARE
    if (returned) {
      const requestedAt = orderedAt + (2 + Math.floor(random() * 12)) * DAY_MS
      const known = held ? { ...order, availableAt: requestedAt + LATE_ORDER_DAYS * DAY_MS } : order
      const rmaId = `D${letters(7)}RRMA`
      const prepaid = random() < 0.92
      const unknownSku = random() < 0.03
      for (const line of lines) {
        const shippedAt = requestedAt + (1 + Math.floor(random() * 3)) * DAY_MS
        const deliveredAt = shippedAt + (2 + Math.floor(random() * 5)) * DAY_MS
        const refundedAt = deliveredAt + Math.floor(random() * 3) * DAY_MS
        const sku = unknownSku ? `${line.article.sku}-OLD` : line.article.sku
        const closedAt = refundedAt + 10 * DAY_MS
        const reason = pick(REASONS)
        returns.push({
          order: known,
          line,
          rmaId,
          sku,
          reason,
          prepaid,
          requestedAt,
          shippedAt,
          deliveredAt,
          refundedAt,
          closedAt,
        })
      }
      orders.push(known)
    } else {
      orders.push(order)
    }
  }
  return { orders, returns }
}
