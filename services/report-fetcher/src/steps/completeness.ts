import type { DayRead } from '../adapters/days-read.ts'

const DAY_MS = 86_400_000
/** Amazon does not say how far back returns reports go; orders are gone after two years. Source: REFERENCE 5.1. */
const HISTORY_MS = 2 * 365 * DAY_MS

/** Whether a day was read, and why not. */
export interface Completeness {
  readonly status: 'read' | 'under_way' | 'hole'
  /** Why it was not read, and what happens next; of a day that was, how it is known to hold no returns without a document. */
  readonly reason: string | null
}

/** What must be known of the integration to tell why a day was not read. */
export interface Asked {
  /** Whether the integration is authorised and the marketplace mapped. */
  readonly isFetched: boolean
  /** Whether cycles read it by themselves. */
  readonly isAutomatic: boolean
  /** First instant that is of interest to it, milliseconds. */
  readonly start: number
}

/** B2: a day is read, is not over yet, or is a hole with its reason. */
export function completenessOf(
  read: DayRead,
  { isFetched, isAutomatic, start }: Asked,
  now: number,
): Completeness {
  const ends = Date.parse(read.day) + DAY_MS
  if (read.isWhole) return { status: 'read', reason: whyEmpty(read, now - ends) }
  if (ends > now) return { status: 'under_way', reason: 'The day is not over in UTC' }
  const { missed } = read
  if (missed) {
    const told = missed.error === null ? '' : `: ${missed.error}`
    return { status: 'hole', reason: `Report run ${missed.reportRunId} is ${missed.state}${told}` }
  }
  if (ends <= start)
    return { status: 'hole', reason: 'Before the initial report start time: read it by a backfill' }
  if (!isFetched)
    return { status: 'hole', reason: 'The marketplace is not mapped, or the integration is not authorised' }
  if (!isAutomatic)
    return { status: 'hole', reason: 'Automatic import is off: fetch now, or read it by a backfill' }
  return { status: 'hole', reason: 'No report was asked for: the next cycle reads it, or a backfill' }
}

/** Amazon makes no document where there are no rows: its two cancelled reports are the proof. */
function whyEmpty({ lastRead }: DayRead, ageMs: number): string | null {
  if (!lastRead || lastRead.cancelledClass === null) return null
  if (lastRead.cancelledClass === 'wrong_programme') return lastRead.error
  const known = 'Amazon cancelled two reports that cover the day, as it does when there are no returns'
  return ageMs > HISTORY_MS ? `${known}, or when it no longer has any so old` : known
}
