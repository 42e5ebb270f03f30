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
  readonly bytes: Uint8Array
  readonly returnOrder: ReturnOrder
}

/** Everything known of one order reference of one tenant. Never changed in place. */
export interface KnownOrder {
  readonly tenantId: string
  readonly orderReference: string
  /** By channel. */
  readonly salesOrders: ReadonlyMap<string, KnownSalesOrder>
  /** By row id. */
  readonly rows: ReadonlyMap<string, KnownRow>
  /** By return order id. */
  readonly said: ReadonlyMap<string, SaidReturn>
  /** Rows and returns as the changelog has them, in registry wire format; null when it has none. */
  readonly state: Uint8Array | null
}

const NOTHING = new Map<string, never>()

/** An order of which nothing is known. */
export const unknownOrder = (tenantId: string, orderReference: string): KnownOrder => ({
  tenantId,
  orderReference,
  salesOrders: NOTHING,
  rows: NOTHING,
  said: NOTHING,
  state: null,
})

/** What the returns of an order follow from; parts that stay are the same objects. */
export const factsOf = ({ salesOrders, rows }: KnownOrder): OrderFacts => ({
  salesOrders: [...salesOrders.values()].map(({ order }) => order),
  rows: [...rows.values()].map(({ facts }) => facts),
})
