import { LONGEST_WINDOW_MS, type Window } from './windows.ts'

export const BACKFILL_STATES = ['running', 'paused', 'done', 'cancelled'] as const
export type BackfillState = (typeof BACKFILL_STATES)[number]

/** Days of the past that are read again, or for the first time, marketplace by marketplace. Instants are milliseconds. */
export interface Backfill {
  readonly id: string
  readonly tenantId: string
  readonly integrationId: string
  readonly marketplaceIds: readonly string[]
  readonly from: number
  readonly to: number
  readonly state: BackfillState
  readonly createdAt: number
  readonly endedAt: number | null
}

/** Slices of a backfill by what became of them, and their rows. */
export interface Progress {
  readonly slices: number
  readonly done: number
  /** Given up after several tries: holes that completeness shows. */
  readonly failed: number
  readonly rowsInDocuments: number
}

/** Slices of a range, the newest first, each at most as long as one report. */
export function slicesOf(from: number, to: number): Window[] {
  const slices: Window[] = []
  for (let end = to; end > from; end -= LONGEST_WINDOW_MS)
    slices.push({ from: Math.max(from, end - LONGEST_WINDOW_MS), to: end })
  return slices
}

/** When a backfill ends if it goes on as it did; null before its first slice, and when it does not go on. */
export function finishEstimate(
  { state, createdAt }: Backfill,
  { slices, done, failed }: Progress,
  now: number,
): number | null {
  const ended = done + failed
  if (state !== 'running' || ended === 0) return null
  return now + Math.round(((now - createdAt) / ended) * (slices - ended))
}
