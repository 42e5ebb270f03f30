import type { OrderFacts, ReturnOrder, RowFacts, SalesOrder } from '@backhaul/domain'

/** A sales order with its bytes in registry wire format, as its topic has them. */
export interface KnownSalesOrder {
  readonly order: SalesOrder
  readonly bytes: Uint8Array
}

/** A row with its bytes in registry wire format. */
export interface KnownRow {
  readonly facts: RowFacts
  readonly bytes: Uint8Array
}

/** What was last said of a return. Most are only kept: it is decoded when it is asked for. */
export interface SaidReturn {
  readonly returnOrderId: string
  readonly bytes: Uint8Array
  readonly returnOrder: ReturnOrder
}

/** Everything known of one order reference of one tenant. Never changed in place. */
export interface KnownOrder {
  readonly tenantId: string
  readonly orderReference: string
  /** One of each channel. */
  readonly salesOrders: readonly KnownSalesOrder[]
  /** One of each row id. */
  readonly rows: readonly KnownRow[]
  /** One of each return. */
  readonly said: readonly SaidReturn[]
  /** Rows and returns as the changelog has them, in registry wire format; null when it has none. */
  readonly state: Uint8Array | null
}

const NOTHING: readonly never[] = []

/** An order of which nothing is known. */
export const unknownOrder = (tenantId: string, orderReference: string): KnownOrder => ({
  tenantId,
  orderReference,
  salesOrders: NOTHING,
  rows: NOTHING,
  said: NOTHING,
  state: null,
})

/** The list with a value in place of the nth, or at its end where n is -1. */
export const put = <T>(list: readonly T[], n: number, value: T): readonly T[] =>
  list.toSpliced(n < 0 ? list.length : n, 1, value)

/** What the returns of an order follow from; parts that stay are the same objects. */
export const factsOf = ({ salesOrders, rows }: KnownOrder): OrderFacts => ({
  salesOrders: salesOrders.map(({ order }) => order),
  rows: rows.map(({ facts }) => facts),
})
