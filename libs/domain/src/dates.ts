import type { LocalDate } from './time.ts'

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const AMAZON_DAY = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/
const ISO_DAY = /^(\d{4})-(\d{2})-(\d{2})$/
const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/

/**
 * Reads `14-Jul-2025`, `2025-07-14` or an ISO instant (its day in UTC) as a calendar date.
 * No zone is ever applied to a date that has none.
 *
 * @returns Null when blank or not a real day.
 */
export function readDate(text: string | null): LocalDate | null {
  const trimmed = text?.trim() ?? ''
  const amazon = AMAZON_DAY.exec(trimmed)
  if (amazon)
    return toDate(
      Number(amazon[3]),
      MONTHS.indexOf((amazon[2] as string).toLowerCase()) + 1,
      Number(amazon[1]),
    )
  const iso = ISO_DAY.exec(trimmed)
  if (iso) return toDate(Number(iso[1]), Number(iso[2]), Number(iso[3]))
  if (!ISO_INSTANT.test(trimmed)) return null
  const ms = Date.parse(trimmed)
  return Number.isNaN(ms) ? null : new Date(ms).toISOString().slice(0, 10)
}

function toDate(year: number, month: number, day: number): LocalDate | null {
  const date = new Date(Date.UTC(year, month - 1, day))
  const real = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return real ? date.toISOString().slice(0, 10) : null
}
