import { type LocalDate, memo } from '@backhaul/domain'

const DAY_MS = 86_400_000

/** Days since 1970 of a `YYYY-MM-DD`; undefined for what is none. */
export const daysOf = memo((date): number | undefined => {
  const ms = Date.parse(`${date}T00:00:00Z`)
  return Number.isNaN(ms) ? undefined : ms / DAY_MS
})

/** The `YYYY-MM-DD` of days since 1970; no zone is involved, so no day shifts. */
export const dayOf = memo((days: number): LocalDate => new Date(days * DAY_MS).toISOString().slice(0, 10))
