import type { DayRead } from '../adapters/days-read.ts'

const DAY_MS = 86_400_000

/** Whether a day was read, and why not. */
export interface Completeness {
  readonly status: 'read' | 'under_way' | 'hole'
  /** Why it was not read, and what happens next; null when it was. */
  readonly reason: string | null
}

/** What must be known of the integration to tell why a day was not read. */
export interface Asked {
  /** Whether the integration is authorised and the marketplace mapped. */
  readonly isFetched: boolean
  /** First instant that is of interest to it, milliseconds. */
  readonly start: number
}

/** B2: a day is read, is not over yet, or is a hole with its reason. */
export function completenessOf(read: DayRead, { isFetched, start }: Asked, now: number): Completeness {
  if (read.isWhole) return { status: 'read', reason: null }
  const ends = Date.parse(read.day) + DAY_MS
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
  return { status: 'hole', reason: 'No report was asked for: the next cycle reads it, or a backfill' }
}
