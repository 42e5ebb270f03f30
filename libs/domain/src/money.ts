import type { Money } from './records.ts'

/** Currencies whose minor unit is not the hundredth. Source: ISO 4217, table A.1. */
const EXPONENTS: Readonly<Record<string, number>> = {
  BHD: 3,
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  IQD: 3,
  ISK: 0,
  JOD: 3,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  PYG: 0,
  RWF: 0,
  TND: 3,
  UGX: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
}

const exponentOf = (currency: string): number => EXPONENTS[currency] ?? 2

const DECIMAL = /^([+\u2212-]?)(\d+)(?:[.,](\d+))?$/
const CURRENCY = /^[A-Z]{3}$/

/** Thousands in one kind of separator, decimals in another. */
const GROUPED = /^[+\u2212-]?\d{1,3}([.,'\u2019\s])\d{3}(?:\1\d{3})*(?:(?!\1)[.,]\d+)?$/
/** Lakhs and crores, as in India. */
const GROUPED_IN_TWOS = /^[+\u2212-]?\d{1,2}(?:(,)\d{2})+,\d{3}(?:\.\d+)?$/
/** One separator before three digits may as well be the decimal mark, save in a currency without decimals. */
const MAY_BE_DECIMAL = /^[+\u2212-]?\d{1,3}(?:\.|(,))\d{3}$/

function withoutThousands(text: string, exponent: number): string {
  const single = MAY_BE_DECIMAL.exec(text)
  if (single && !(single[1] && exponent === 0)) return text
  const [, separator] = GROUPED.exec(text) ?? GROUPED_IN_TWOS.exec(text) ?? []
  return separator === undefined ? text : text.replaceAll(separator, '')
}

/**
 * Reads decimal text such as `19.99`, `77,98`, `1.234,56` or `1,23,456.00` in a currency.
 *
 * @returns Null when either is blank or cannot be read without guessing: an amount is never invented, blank is never 0.
 */
export function readMoney(text: string | null, currency: string | null): Money | null {
  if (text === null || currency === null) return null
  const code = currency.trim().toUpperCase()
  const exponent = exponentOf(code)
  const match = DECIMAL.exec(withoutThousands(text.trim(), exponent))
  if (!match || !CURRENCY.test(code)) return null
  const [, sign, whole = '', fraction = ''] = match
  // `1.500` in euros may be one and a half or one thousand five hundred.
  if (fraction.length === 3 && exponent !== 3 && whole !== '0') return null
  const digits = fraction.replace(/0+$/, '')
  if (digits.length > exponent) return null
  const amount = Number(`${whole}${digits.padEnd(exponent, '0')}`)
  if (!Number.isSafeInteger(amount)) return null
  const isNegative = sign === '-' || sign === '\u2212'
  return { amountMinor: isNegative && amount !== 0 ? -amount : amount, currency: code }
}
