import { nextVersion, type ReturnOrder, reconcile, type Versioning } from '@backhaul/domain'
import type { Settings } from '../adapters/settings.ts'
import { factsOf, type KnownOrder } from '../known-order.ts'

/**
 * Recomputes an order and gives what is new to say of it.
 *
 * @param before The order when all was said that follows from it.
 */
export function emit(
  before: KnownOrder,
  order: KnownOrder,
  settings: Pick<Settings, 'get'>,
  at: Versioning,
): ReturnOrder[] {
  const configOf = (integrationId: string, version: number) =>
    settings.get(order.tenantId, integrationId, version)
  const events: ReturnOrder[] = []
  for (const now of reconcile(factsOf(order), configOf, at, factsOf(before))) {
    const said = order.said.find(({ returnOrderId }) => returnOrderId === now.returnOrderId)
    const next = nextVersion(said?.returnOrder, now)
    if (next !== 'same') events.push(next)
  }
  return events
}
