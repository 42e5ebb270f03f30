import { createHash } from 'node:crypto'
import type { SalesOrder } from '@backhaul/domain'
import { salesOrderKey } from '@backhaul/flow'
import type { TakenOrder } from '../sales-order.ts'

/** What is known of an order's last publication. */
export interface Published {
  readonly key: string
  /** The greatest version seen, in milliseconds since 1970 when the caller names none. */
  readonly sourceVersion: number
  /** SHA-256 of the content, hex; `DELETED`; null when it is not known whether it was published. */
  readonly digest: string | null
}

/** In place of a digest: the last publication was a tombstone. */
export const DELETED = 'deleted'

/** What becomes of one order of a call. */
export type Outcome = 'accepted' | 'unchanged' | 'stale'

/** One record of `sales-orders.v1`. */
export interface OrderRecord {
  readonly key: string
  /** Null writes a tombstone. */
  readonly order: SalesOrder | null
  readonly sourceVersion: number
}

export interface Decision {
  /** By position in the call. */
  readonly outcomes: readonly Outcome[]
  /** To be published, one of each key. */
  readonly records: readonly OrderRecord[]
  /** To be noted: what is published, and versions that grew without a change of content. */
  readonly notes: readonly Published[]
}

/**
 * Decides what of a call is new: older never overwrites newer, the same content is not published again. An order without a
 * version is newer than all before it. Of equal versions the later one counts, as for readers of the topic.
 *
 * @param now Milliseconds.
 */
export function decide(
  known: ReadonlyMap<string, Published>,
  taken: readonly TakenOrder[],
  now: number,
): Decision {
  const outcomes: Outcome[] = []
  const records = new Map<string, OrderRecord>()
  const notes = new Map<string, Published>()
  const positions = new Map<string, number>()
  for (const [position, order] of taken.entries()) {
    const key = salesOrderKey.of(order.orderReference, order.channelId)
    const before = notes.get(key) ?? known.get(key)
    const sourceVersion = order.sourceVersion ?? Math.max(now, (before?.sourceVersion ?? 0) + 1)
    if (before && sourceVersion < before.sourceVersion) {
      outcomes[position] = 'stale'
      continue
    }
    const digest = digestOf(order)
    const replaced = positions.get(key)
    const unchanged = before?.digest === digest
    outcomes[position] = unchanged ? 'unchanged' : 'accepted'
    // A version that grew is noted also when the content is the same: one in between must not overwrite it later.
    notes.set(key, { key, sourceVersion, digest })
    if (unchanged && replaced === undefined) continue
    records.set(key, { key, order: { ...order, sourceVersion }, sourceVersion })
    if (unchanged) continue
    if (replaced !== undefined) outcomes[replaced] = 'stale'
    positions.set(key, position)
  }
  return { outcomes, records: [...records.values()], notes: [...notes.values()] }
}

/** Content without the version: a caller that gives none sends the same order under another one each time. */
function digestOf({ sourceVersion: _, ...content }: TakenOrder): string {
  return createHash('sha256').update(JSON.stringify(content, withSortedNames)).digest('hex')
}

/** The order of names says nothing. */
const withSortedNames = (_: string, value: unknown) =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value
