import { memo } from '../memo.ts'
import type { ReturnOrder } from '../records.ts'

export type ReturnStatus =
  | 'open'
  | 'approved'
  | 'in_transit'
  | 'received'
  | 'refunded'
  | 'closed'
  | 'rejected'
  | 'cancelled'

/** Amazon's status words, an open list, as ours, a closed one. Unknown words count as open. */
const statuses: ReadonlyMap<string, ReturnStatus> = new Map([
  ['approved', 'approved'],
  ['pending', 'open'],
  ['pendingapproval', 'open'],
  ['completed', 'closed'],
  ['closed', 'closed'],
  ['rejected', 'rejected'],
  ['denied', 'rejected'],
  ['declined', 'rejected'],
  ['cancelled', 'cancelled'],
  ['canceled', 'cancelled'],
])

/** Our status: what ended the return wins, then what happened last to the goods and the money. */
export function statusOf(seen: {
  amazonStatus: string | null
  refunded: boolean
  delivered: boolean
  tracked: boolean
}): ReturnStatus {
  const told = statuses.get(fold(seen.amazonStatus)) ?? 'open'
  if (told === 'rejected' || told === 'cancelled') return told
  if (seen.refunded) return 'refunded'
  if (told === 'closed') return 'closed'
  if (seen.delivered) return 'received'
  return seen.tracked ? 'in_transit' : told
}

/** Our resolution: refund, replacement or none. Both spellings of "first scan" are refunds. */
export function resolutionOf(amazonResolution: string | null): ReturnOrder['resolution'] {
  const word = fold(amazonResolution)
  if (word.includes('refund')) return 'refund'
  return word.includes('replacement') ? 'replacement' : 'none'
}

const folded = memo((word) => word.toLowerCase().replaceAll(/[^a-z]/g, ''))
const fold = (word: string | null): string => folded(word ?? '')
