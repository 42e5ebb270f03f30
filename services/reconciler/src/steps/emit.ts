import { type ImportConfig, nextVersion, type ReturnOrder, reconcile } from '@backhaul/domain'
import type { KnownOrder } from '../order-store.ts'

/** Recomputes an order and gives what is new to say of it, with the order that remembers having said it. */
export function emit(
  order: KnownOrder,
  configOf: (integrationId: string, version: number) => ImportConfig,
  at: { generation: number; changedAt: number },
): { order: KnownOrder; events: ReturnOrder[] } {
  const events: ReturnOrder[] = []
  const facts = { salesOrders: [...order.salesOrders.values()], rows: [...order.rows.values()] }
  for (const content of reconcile(facts, configOf)) {
    const next = nextVersion(order.emitted.get(content.returnOrderId), content, at)
    if (next !== 'same') events.push(next)
  }
  if (events.length === 0) return { order, events }
  const emitted = new Map(order.emitted)
  for (const event of events) emitted.set(event.returnOrderId, event)
  return { order: { ...order, emitted }, events }
}
