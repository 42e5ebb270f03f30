import type { LocalDate } from './time.ts'

const ENGLISH = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Languages of Amazon's marketplaces in Latin letters: Seller Central hands out documents in the seller's own. */
const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'nl', 'pt', 'pl', 'sv', 'tr']

const AMAZON_DAY = /^(\d{1,2})(?:[-. ]|\. )([^\d\s-]{3,12})[-. ](\d{4}|\d{2})$/
const ISO_DAY = /^(\d{4})[-/年](\d{1,2})[-/月](\d{1,2})日?$/
const GERMAN_DAY = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/
const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z| UTC|[+-]\d{2}:?\d{2})$/
const TIME_WITHOUT_ZONE = /[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$/

/**
 * Reads `14-Jul-2025` with the month in any language of a marketplace, `14-Jul-25` as spreadsheets shorten it,
 * `14.07.2025`, `2025-07-14`, `2025/7/14` or an ISO instant (its day in UTC) as a calendar date. No zone is ever applied to
 * a date or a time that has none, and `07/08/2025` is none: it may be either day.
 *
 * @returns Null when blank or not a real day.
 */
export function readDate(text: string | null): LocalDate | null {
  const trimmed = text?.trim() ?? ''
  if (ISO_INSTANT.test(trimmed)) {
    const ms = Date.parse(trimmed)
    return Number.isNaN(ms) ? null : new Date(ms).toISOString().slice(0, 10)
  }
  const day = trimmed.replace(TIME_WITHOUT_ZONE, '')
  const amazon = AMAZON_DAY.exec(day)
  if (amazon) return toDate(yearOf(amazon[3] as string), monthOf(amazon[2] as string), Number(amazon[1]))
  const iso = ISO_DAY.exec(day)
  if (iso) return toDate(Number(iso[1]), Number(iso[2]), Number(iso[3]))
  const german = GERMAN_DAY.exec(day)
  return german ? toDate(Number(german[3]), Number(german[2]), Number(german[1])) : null
}

const yearOf = (digits: string): number => Number(digits) + (digits.length === 2 ? 2000 : 0)

/** A date in the flat file's spelling, `14-Jul-2025`; null when it is none. */
export function toAmazonDay(text: string | null): string | null {
  const date = readDate(text)
  if (date === null) return null
  const [year, month, day] = date.split('-')
  return `${day}-${ENGLISH[Number(month) - 1]}-${year}`
}

function toDate(year: number, month: number, day: number): LocalDate | null {
  const date = new Date(Date.UTC(year, month - 1, day))
  const real = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return real ? date.toISOString().slice(0, 10) : null
}

const foldMonth = (month: string): string =>
  month
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/[^a-z]/g, '')

let months: ReadonlyMap<string, number> | undefined

/** The number of a month by its name or short name; 0 for none. */
function monthOf(name: string): number {
  const english = ENGLISH.indexOf(name)
  if (english >= 0) return english + 1
  months ??= monthsByName()
  return months.get(foldMonth(name)) ?? 0
}

function monthsByName(): Map<string, number> {
  const names = new Map<string, number>()
  for (const language of LANGUAGES) {
    for (const style of ['short', 'long'] as const) {
      const format = new Intl.DateTimeFormat(language, { day: 'numeric', month: style, timeZone: 'UTC' })
      for (let month = 1; month <= 12; month++) {
        const parts = format.formatToParts(Date.UTC(2025, month - 1, 1))
        const name = foldMonth(parts.find((part) => part.type === 'month')?.value ?? '')
        if (!names.has(name)) names.set(name, month)
      }
    }
  }
  return names
}
