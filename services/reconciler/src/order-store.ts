import { Arena, type Codec } from '@backhaul/codec'
import type { OrderState } from '@backhaul/domain'
import { Overlay, type StateTable } from '@backhaul/state-store'
import { type KnownOrder, unknownOrder } from './known-order.ts'
import { ordersKey, readEntry, statesKey, writeEntry } from './order-entries.ts'
import { learnOrderState, rowsIn, saidIn } from './order-state.ts'

/** 16 MiB: what a transaction makes, as a rule. */
const KEPT_CHUNKS = 64

/** All that is known under one order reference, by tenant. */
type ByTenant = Map<string, KnownOrder>

/**
 * The orders of one partition: what was committed, in a table outside the heap, and an overlay of what the open transaction
 * changes. `merge` keeps the overlay, `drop` forgets it, so that state never runs ahead of Kafka.
 */
export class OrderStore {
  readonly #overlay: Overlay
  readonly #codec: Codec
  /** What the open transaction makes. It ends with it: the table has copies. */
  readonly arena = new Arena(KEPT_CHUNKS)
  readonly #take = (bytes: number) => this.arena.take(bytes)
  /** Orders that the open transaction has looked at, decoded. */
  #open = new Map<string, ByTenant>()

  constructor(table: StateTable, codec: Codec) {
    this.#overlay = new Overlay(table)
    this.#codec = codec
  }

  /**
   * Makes ready what is known of a reference.
   *
   * @returns A promise only where a value was written under a schema that is not known yet.
   * @throws Fault of the registry, retryable.
   */
  load(orderReference: string): Promise<void> | null {
    if (this.#open.has(orderReference)) return null
    const orders = readEntry(this.#overlay, ordersKey(orderReference))
    const states = readEntry(this.#overlay, statesKey(orderReference))
    if (orders.length === 0 && states.length === 0) {
      this.#open.set(orderReference, new Map())
      return null
    }
    const learning = this.#codec.learn('SalesOrder', orders) ?? this.#codec.learn('OrderState', states)
    if (learning) return learning.then(() => this.load(orderReference) ?? undefined)
    const decoded = states.map((bytes) => this.#codec.decodeNow('OrderState', bytes))
    for (const state of decoded) {
      const inner = learnOrderState(state, this.#codec)
      if (inner) return inner.then(() => this.load(orderReference) ?? undefined)
    }
    this.#open.set(orderReference, this.#decode(orderReference, orders, decoded, states))
    return null
  }

  /** What is known of an order whose reference was loaded. */
  get(tenantId: string, orderReference: string): KnownOrder {
    return this.#loaded(orderReference).get(tenantId) ?? unknownOrder(tenantId, orderReference)
  }

  /** The order that holds this channel's sales order, its reference loaded; undefined when none does. */
  holderOf(orderReference: string, channelId: string): KnownOrder | undefined {
    for (const order of this.#loaded(orderReference).values()) {
      if (order.salesOrders.some((known) => known.order.channelId === channelId)) return order
    }
    return undefined
  }

  /** Takes an order into the open transaction. */
  put(order: KnownOrder): void {
    const { tenantId, orderReference } = order
    const tenants = this.#loaded(orderReference)
    const before = tenants.get(tenantId) ?? unknownOrder(tenantId, orderReference)
    tenants.set(tenantId, order)
    if (order.salesOrders !== before.salesOrders)
      writeEntry(this.#overlay, ordersKey(orderReference), salesOrdersOf(tenants), this.#take)
    if (order.state !== before.state)
      writeEntry(this.#overlay, statesKey(orderReference), statesOf(tenants), this.#take)
  }

  merge(): void {
    this.#overlay.merge()
    this.#end()
  }

  drop(): void {
    this.#overlay.drop()
    this.#end()
  }

  #end(): void {
    this.#open = new Map()
    this.arena.clear()
  }

  #loaded(orderReference: string): ByTenant {
    const tenants = this.#open.get(orderReference)
    if (!tenants) throw new Error(`${orderReference} was not loaded`)
    return tenants
  }

  #decode(
    orderReference: string,
    orders: readonly Buffer[],
    states: readonly OrderState[],
    bytes: readonly Buffer[],
  ): ByTenant {
    const tenants: ByTenant = new Map()
    for (const [n, state] of states.entries()) {
      const { tenantId } = state
      const rows = rowsIn(state, this.#codec)
      const said = saidIn(state, this.#codec)
      tenants.set(tenantId, {
        ...unknownOrder(tenantId, orderReference),
        rows,
        said,
        state: bytes[n] as Buffer,
      })
    }
    for (const bytes of orders) {
      const order = this.#codec.decodeNow('SalesOrder', bytes)
      const known = tenants.get(order.tenantId) ?? unknownOrder(order.tenantId, orderReference)
      const salesOrders = [...known.salesOrders, { order, bytes }]
      tenants.set(order.tenantId, { ...known, salesOrders })
    }
    return tenants
  }
}

const salesOrdersOf = (tenants: ByTenant): Uint8Array[] =>
  [...tenants.values()].flatMap(({ salesOrders }) => salesOrders.map(({ bytes }) => bytes))

const statesOf = (tenants: ByTenant): Uint8Array[] =>
  [...tenants.values()].flatMap(({ state }) => state ?? [])
