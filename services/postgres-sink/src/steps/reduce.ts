import type { ReturnOrder } from '@backhaul/domain'

/** Whether one version is behind another: (generation, version), the greater wins. */
export const isBehind = (a: ReturnOrder, b: ReturnOrder): boolean =>
  a.generation === b.generation ? a.version < b.version : a.generation < b.generation

/** The newest version of each return, sorted by id so that writers never lock in different orders. */
export function newestByReturn(events: readonly ReturnOrder[]): ReturnOrder[] {
  const newest = new Map<string, ReturnOrder>()
  for (const event of events) {
    const before = newest.get(event.returnOrderId)
    if (!before || isBehind(before, event)) newest.set(event.returnOrderId, event)
  }
  return [...newest.values()].sort((a, b) => (a.returnOrderId < b.returnOrderId ? -1 : 1))
}
