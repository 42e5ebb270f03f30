import { orderItem, returnRow, salesOrder } from '@backhaul/domain/builders'
import { partitionOf } from '@backhaul/kafka'
import type { InputEncoder, InputRecord } from './input-record.ts'
import { seededRandom } from './random.ts'

/** Rows for each order. */
const ROWS_PER_ORDER = 2.5
const LATE_ORDERS = 0.05
const DUPLICATES = 0.01
const POISON = 0.001

/** How many orders later the last record of an order comes. Its rows come in the first half of that. */
const WINDOW_ORDERS = 2_000
const BEGIN = Date.UTC(2026, 7, 1)
const PER_ORDER_MS = 10

/** How much there is to join. */
export interface PlainInputs {
  readonly rows: number
  /** Only orders of this partition; by default those of all. */
  readonly partition?: number | undefined
  /** Rows of an earlier load, a whole number of orders: this one goes on with other orders. */
  readonly after?: number
  readonly seed?: number
}

/**
 * The load of the `reconcile` bench: `rows` return rows of a fifth of which two make one return, on 2.5 times fewer
 * orders, in the order in which they would have come: an order, a little later its rows. 5 % of the orders come after
 * their rows; 1 % of the rows come twice; beside them 0.1 % are bytes that are no row.
 */
export function* plainInputs(
  encoder: InputEncoder,
  { rows, partition, after = 0, seed = 1 }: PlainInputs,
): Generator<InputRecord> {
  const firstOrder = after / ROWS_PER_ORDER
  const references = referencesOf(partition)
  for (let order = 0; order < firstOrder; order++) references.next()
  const random = seededRandom(seed)
  const orders = Math.ceil(rows / ROWS_PER_ORDER)
  const window = Math.min(WINDOW_ORDERS, Math.max(10, orders))
  const due: InputRecord[][] = Array.from({ length: window + 1 }, () => [])
  for (let slot = 0; slot < orders + window; slot++) {
    const now = BEGIN + (firstOrder + slot) * PER_ORDER_MS
    const later = (slots: number) => due[(slot + slots) % due.length] as InputRecord[]
    const atSlot = (slots: number) => now + slots * PER_ORDER_MS
    if (slot < orders) {
      const reference = references.next().value as string
      const ordersDue = random() < LATE_ORDERS ? window : 0
      later(ordersDue).push(encoder.order(orderOf(reference), atSlot(ordersDue)))
      const first = Math.floor(slot * ROWS_PER_ORDER)
      const end = Math.min(rows, Math.floor((slot + 1) * ROWS_PER_ORDER))
      for (let row = first; row < end; row++) {
        const rowDue = 1 + Math.floor((random() * window) / 2)
        const record = encoder.row(rowOf(reference, after + row, row - first, random), atSlot(rowDue))
        later(rowDue).push(record)
        if (random() < DUPLICATES) later(window).push({ ...record, timestamp: atSlot(window) })
        if (random() < POISON) {
          const value = record.value?.subarray(0, 40) ?? null
          later(rowDue).push({ ...record, value })
        }
      }
    }
    yield* later(0).splice(0)
  }
}

const digits = (number: number, length: number) => String(number).padStart(length, '0')

/** Amazon's form of an order id. */
const referenceOf = (order: number) =>
  `303-${digits(Math.floor(order / 10_000_000), 7)}-${digits(order % 10_000_000, 7)}`

/** Order ids without an end, those of one partition where one is given. */
function* referencesOf(partition: number | undefined): Generator<string> {
  for (let order = 0; ; order++) {
    const reference = referenceOf(order)
    if (partition === undefined || partitionOf('amazon-return-rows.v1', reference) === partition)
      yield reference
  }
}

const SKUS = 50

const orderOf = (reference: string) =>
  salesOrder({
    orderReference: reference,
    salesOrderId: `order-${reference}`,
    buyerRef: `buyer-${reference}`,
    items: [0, 1, 2].map((line) =>
      orderItem({
        salesOrderItemId: `${reference}/${line}`,
        sku: `SKU-${(Number(reference.slice(-7)) + line) % SKUS}`,
        asin: `B00000000${line}`,
        quantity: 2,
      }),
    ),
  })

/** The second row of every fifth return shares it with the first. */
function rowOf(reference: string, row: number, nth: number, random: () => number) {
  const returnNumber = nth === 1 && random() < 0.2 ? row - 1 : row
  const observedAt = BEGIN + row
  return returnRow({
    rowId: `row-${digits(row, 9)}`,
    returnId: `return-${digits(returnNumber, 9)}`,
    orderReference: reference,
    amazonRmaId: `D${digits(returnNumber, 9)}RRMA`,
    merchantSku: `SKU-${(Number(reference.slice(-7)) + nth) % SKUS}`,
    asin: `B00000000${nth}`,
    trackingId: random() < 0.5 ? `1Z${digits(row, 12)}` : null,
    returnCarrier: 'DHL',
    // A document of its own, so that no two rows are one observation to a reader that takes many at once.
    reportRunId: `run-${row}`,
    rowNumber: row,
    observedAt,
    fetchedAt: observedAt + 60_000,
  })
}
