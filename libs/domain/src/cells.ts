import { memo } from './memo.ts'

// Seller Central hands out documents in the language of the seller.
const YES = new Set([
  'y',
  'yes',
  'true',
  '1',
  'ja',
  'j',
  'oui',
  'o',
  'si',
  'sí',
  'sì',
  's',
  'sim',
  'tak',
  'evet',
  'はい',
  'نعم',
])
const NO = new Set([
  'n',
  'no',
  'false',
  '0',
  'nein',
  'non',
  'nee',
  'não',
  'nao',
  'nie',
  'nej',
  'hayır',
  'hayir',
  'いいえ',
  'لا',
])
const BLANK_WORDS = new Set(['', 'n/a', 'none', 'pending', '-'])

/** `Y`, `true`, `Ja` … as true, `N`, `false` … as false, anything else as unknown. */
export const readFlag = (text: string | null): boolean | null => (text === null ? null : flag(text))

const flag = memo((text) => {
  const word = text.trim().toLowerCase()
  if (YES.has(word)) return true
  return NO.has(word) ? false : null
})

/** Most units that a record can hold: Avro's int. */
const MOST_UNITS = 2 ** 31 - 1

/** A whole number of units, `2` or `2.0`; null when blank, not one, maybe thousands (`2.000`), or beyond all goods. */
export const readUnits = (text: string | null): number | null => (text === null ? null : units(text))

const units = memo((text) => {
  const whole = /^(\d+)(?:[.,]00?)?$/.exec(text.trim())?.[1]
  const value = Number(whole)
  return whole !== undefined && value <= MOST_UNITS ? value : null
})

/** A word that says that there is nothing. */
export const isBlankWord = (text: string): boolean => BLANK_WORDS.has(text.toLowerCase())

/** A tracking number; words that say there is none count as blank. */
export function readTracking(text: string | null): string | null {
  const trimmed = text?.trim() ?? ''
  return isBlankWord(trimmed) ? null : trimmed
}
