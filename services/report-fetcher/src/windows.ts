const DAY_MS = 86_400_000

/** The longest window of a returns report. Source: Amazon, "Returns reports". */
export const LONGEST_WINDOW_MS = 60 * DAY_MS

/** A half-open range of instants, `[from, to)`, UTC milliseconds. */
export interface Window {
  readonly from: number
  readonly to: number
}

/**
 * The windows of one cycle, oldest first: what was never read, without gap or overlap, in slices of at most 60 days; the
 * last one always reaches 60 days back, so that late changes of old returns are seen (Q1), but never before the start.
 *
 * @param start First instant that is of interest.
 * @param readUpTo End of what was read in earlier cycles; null in the first one, which begins at the start (RC-23).
 */
export function windowsOf(start: number, readUpTo: number | null, now: number): Window[] {
  const rolling = Math.max(start, now - LONGEST_WINDOW_MS)
  if (now <= start) return []
  const windows: Window[] = []
  for (let from = Math.max(start, readUpTo ?? start); from < rolling; ) {
    const to = Math.min(rolling, from + LONGEST_WINDOW_MS)
    windows.push({ from, to })
    from = to
  }
  return [...windows, { from: rolling, to: now }]
}

/** The instant of a wall-clock time such as `2026-03-01 00:00:00` in a zone, and its calendar day. */
export function startOf(text: string, timeZone: string): { at: number; day: string } {
  const wall = Date.parse(`${text.replace(' ', 'T')}Z`)
  // The offset at the guess may differ from the one at the answer, around a change of the clock.
  const first = wall - offsetAt(wall, timeZone)
  return { at: wall - offsetAt(first, timeZone), day: text.slice(0, 10) }
}

function offsetAt(instant: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(instant)
  return Date.parse(`${parts.replace(' ', 'T')}Z`) - Math.floor(instant / 1000) * 1000
}
