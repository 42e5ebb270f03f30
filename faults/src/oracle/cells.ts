import { createHash } from 'node:crypto'

// The oracle reads cells by itself: what it shares with the reconciler it could not find wrong.

/** Letters behind the comma of currencies that have not two. Source: ISO 4217. */
const MINOR_DIGITS: Readonly<Record<string, number>> = { JPY: 0, KRW: 0, KWD: 3, BHD: 3 }

/** Minor units of decimal text; null when it cannot be read without guessing. */
export function money(text: string | null, currency: string | null) {
  const code = (currency ?? '').trim().toUpperCase()
  const cleaned = (text ?? '').trim().replace(',', '.')
  if (code.length !== 3 || !/^[+-]?[0-9]+(\.[0-9]+)?$/.test(cleaned)) return null
  const digits = MINOR_DIGITS[code] ?? 2
  const [whole = '', behind = ''] = cleaned.replace(/^[+-]/, '').split('.')
  const isThousands = behind.length === 3 && digits !== 3 && whole !== '0'
  if (isThousands || /[1-9]/.test(behind.slice(digits))) return null
  const minor =
    BigInt(whole) * 10n ** BigInt(digits) + BigInt(behind.slice(0, digits).padEnd(digits, '0') || '0')
  if (minor > BigInt(Number.MAX_SAFE_INTEGER)) return null
  const amountMinor = Number(minor)
  return {
    amountMinor: cleaned.startsWith('-') && amountMinor > 0 ? -amountMinor : amountMinor,
    currency: code,
  }
}

const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec'

/** A calendar day as `YYYY-MM-DD`; an instant counts as its day in UTC. Null when it is none. */
export function day(text: string | null): string | null {
  const said = (text ?? '').trim()
  if (said.includes('T')) return new Date(said).toISOString().slice(0, 10)
  const parts = said.split('-')
  if (parts.length !== 3) return null
  const named = MONTHS.indexOf((parts[1] ?? '').toLowerCase())
  const isAmazon = parts[1]?.length === 3 && named % 3 === 0
  const month = String(named / 3 + 1).padStart(2, '0')
  const iso = isAmazon ? `${parts[2]}-${month}-${parts[0]?.padStart(2, '0')}` : said
  return Number.isNaN(Date.parse(`${iso}T00:00:00Z`)) ? null : iso
}

/** Yes, no, or null for neither. */
export function yesOrNo(text: string | null): boolean | null {
  const said = (text ?? '').trim().toLowerCase()
  if (['y', 'yes', 'true', '1'].includes(said)) return true
  return ['n', 'no', 'false', '0'].includes(said) ? false : null
}

/** Whole units, or null. */
export const units = (text: string | null): number | null =>
  /^\s*[0-9]+\s*$/.test(text ?? '') ? Number(text) : null

/** A tracking number; a word that says there is none is none. */
export function tracking(text: string | null): string | null {
  const said = (text ?? '').trim()
  return ['', '-', 'n/a', 'none', 'pending'].includes(said.toLowerCase()) ? null : said
}

/** One spelling of a reason; null when blank. */
export function reasonCode(text: string | null): string | null {
  const words = (text ?? '')
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .filter(Boolean)
  if (words[0] === 'CR') words.shift()
  return words.length === 0 ? null : words.join('_')
}

const NAMESPACE = '6f1c1f0e5d0b5a6f9d6b1c1a7e0b6c11'

/** A name-based UUID in Backhaul's namespace. Source: RFC 9562, section 5.5. */
export function uuid5(name: string): string {
  const hex = createHash('sha1').update(NAMESPACE, 'hex').update(name).digest('hex')
  const variant = ((Number.parseInt(hex[16] as string, 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
