import type { ReturnOrder } from '@backhaul/domain'
import type { Change, Deletion, EventChange } from './read-return.ts'

/** Whether one version is behind another: (generation, version), the greater wins. */
export const isBehind = (a: ReturnOrder, b: ReturnOrder): boolean =>
  a.generation === b.generation ? a.version < b.version : a.generation < b.generation

/**
 * What a batch comes down to: the newest event and the last deletion of each return. Which of the two counts is decided
 * by the offset of what is stored: an event that is behind what is stored does not undo a deletion.
 */
export interface Reduced {
  readonly events: readonly EventChange[]
  readonly deletions: readonly Deletion[]
}

/**
 * Reduces changes in the order of the log: one statement may not hit a row twice. Sorted by id, so that writers never
 * lock in different orders.
 */
export function reduce(changes: readonly Change[]): Reduced {
  const events = new Map<string, EventChange>()
  const deletions = new Map<string, Deletion>()
  for (const change of changes) {
    if (change.kind === 'deletion') {
      deletions.set(change.returnOrderId, change)
      continue
    }
    const id = change.event.returnOrderId
    const before = events.get(id)
    if (before && !isBehind(before.event, change.event)) continue
    events.set(id, change)
  }
  return { events: byId(events), deletions: byId(deletions) }
}

const byId = <T>(map: ReadonlyMap<string, T>): T[] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, change]) => change)
