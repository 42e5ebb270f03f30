import { faultsAt, type ProblemAt } from '@backhaul/http'
import { refusal, refuseFaults } from '../errors.ts'
import { type GivenSalesOrder, givenSalesOrder } from '../sales-order.ts'

/** Most orders of one call. They are published in one transaction, which Kafka ends after 10 s. */
export const MOST_ORDERS = 1_000
/** Most bytes of one call. */
export const MOST_BYTES = 10 * 1024 * 1024
/** Most bytes of one order as JSON: its record stays below the megabyte that a broker takes. */
const MOST_ORDER_BYTES = 512 * 1024

/**
 * Reads the orders of a call: an array, or a single order.
 *
 * @throws HttpFault 413 `TOO_MANY_ORDERS`; 422 `ORDERS_INVALID` that tells all faults of all orders by place.
 */
export function readOrders(body: unknown): GivenSalesOrder[] {
  const given = Array.isArray(body) ? body : [body]
  if (given.length > MOST_ORDERS) {
    const message = `${given.length} orders in one call: send at most ${MOST_ORDERS}`
    throw refusal(413, 'TOO_MANY_ORDERS', message)
  }
  const orders: GivenSalesOrder[] = []
  const faults: ProblemAt[] = []
  for (const [n, one] of given.entries()) {
    const { data, error } = givenSalesOrder.safeParse(one)
    if (error) faults.push(...faultsAt(['body', n], error.issues))
    else if (Buffer.byteLength(JSON.stringify(data)) > MOST_ORDER_BYTES)
      faults.push({ pointer: `/body/${n}`, detail: `has more than ${MOST_ORDER_BYTES} bytes` })
    else orders.push(data)
  }
  if (given.length === 0) faults.push({ pointer: '/body', detail: 'holds no order' })
  refuseFaults('ORDERS_INVALID', faults)
  return orders
}

/**
 * Reads NDJSON: one order a line, blank lines left out.
 *
 * @throws HttpFault 422 `ORDERS_INVALID` that tells all lines that are no JSON; lines are never repeated.
 */
export function readNdjson(text: string): unknown[] {
  const lines = text.split('\n').map((line, n) => ({ line: line.trim(), number: n + 1 }))
  const faults: ProblemAt[] = []
  const orders = lines
    .filter(({ line }) => line !== '')
    .map(({ line, number }, n) => {
      try {
        return JSON.parse(line)
      } catch {
        faults.push({ pointer: `/body/${n}`, detail: `line ${number} is no JSON` })
        return null
      }
    })
  refuseFaults('ORDERS_INVALID', faults)
  return orders
}
