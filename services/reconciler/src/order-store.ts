import type { ReturnOrder, RowFacts, SalesOrder } from '@backhaul/domain'

/** Everything known of one order reference of one tenant. Never changed in place: see OrderStore. */
export interface KnownOrder {
  readonly tenantId: string
  readonly orderReference: string
  /** By channel. */
  readonly salesOrders: ReadonlyMap<string, SalesOrder>
  /** By row id. */
  readonly rows: ReadonlyMap<string, RowFacts>
  /** What was last emitted, by return order id. */
  readonly emitted: ReadonlyMap<string, ReturnOrder>
}

/**
 * The orders of one partition: what was committed, and an overlay of what the open transaction changes. `merge` keeps
 * the overlay, `drop` forgets it, so that state never runs ahead of Kafka.
 */
export class OrderStore {
  readonly #committed = new Map<string, KnownOrder>()
  readonly #overlay = new Map<string, KnownOrder>()
  /** Tenants by order reference: a tombstone names no tenant. */
  readonly #tenants = new Map<string, Set<string>>()

  get(tenantId: string, orderReference: string): KnownOrder {
    const key = keyOf(tenantId, orderReference)
    return (
      this.#overlay.get(key) ??
      this.#committed.get(key) ?? {
        tenantId,
        orderReference,
        salesOrders: new Map(),
        rows: new Map(),
        emitted: new Map(),
      }
    )
  }

  put(order: KnownOrder): void {
    this.#overlay.set(keyOf(order.tenantId, order.orderReference), order)
    const tenants = this.#tenants.get(order.orderReference)
    if (tenants) tenants.add(order.tenantId)
    else this.#tenants.set(order.orderReference, new Set([order.tenantId]))
  }

  /** The order that holds this channel's sales order; undefined when none does. */
  holderOf(orderReference: string, channelId: string): KnownOrder | undefined {
    for (const tenantId of this.#tenants.get(orderReference) ?? []) {
      const order = this.get(tenantId, orderReference)
      if (order.salesOrders.has(channelId)) return order
    }
    return undefined
  }

  merge(): void {
    for (const [key, order] of this.#overlay) this.#committed.set(key, order)
    this.#overlay.clear()
  }

  drop(): void {
    this.#overlay.clear()
  }
}

const keyOf = (tenantId: string, orderReference: string) => `${tenantId}|${orderReference}`
