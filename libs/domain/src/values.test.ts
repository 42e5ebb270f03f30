import { describe, expect, test } from 'vitest'
import { readFlag, readTracking, readUnits } from './cells.ts'
import { readDate } from './dates.ts'
import { readMoney } from './money.ts'
import { knownReasons, normaliseReason } from './return-reasons.ts'
import { uuidOf } from './uuid.ts'

test.each([
  ['19.99', 'EUR', 1999],
  ['77,98', 'EUR', 7798],
  ['5', 'EUR', 500],
  ['0.0', 'EUR', 0],
  ['-2.50', 'GBP', -250],
  ['1500', 'JPY', 1500],
  ['1500.00', 'JPY', 1500],
  ['1.234', 'KWD', 1234],
  ['0.500', 'EUR', 50],
  ['19.9900', 'EUR', 1999],
  ['1.500,00', 'EUR', 150_000],
  ['1,234.56', 'USD', 123_456],
  ['1\u00a0234,56', 'EUR', 123_456],
  ['-1 234', 'SEK', -123_400],
  ["1'234.56", 'EUR', 123_456],
  ['1.234.567', 'EUR', 123_456_700],
  ['1,23,456.78', 'INR', 12_345_678],
  ['1,980', 'JPY', 1980],
  ['\u2212199,00', 'SEK', -19_900],
])('B6: %s %s is %i in minor units', (text, currency, amountMinor) => {
  expect(readMoney(text, currency)).toEqual({ amountMinor, currency })
})

test.each([
  ['', 'EUR'],
  [' ', 'EUR'],
  [null, 'EUR'],
  ['19.999', 'EUR'],
  ['1.500', 'EUR'],
  ['-1.500', 'EUR'],
  ['1.500', 'JPY'],
  ['1.23.456', 'EUR'],
  ['1,2345.00', 'USD'],
  ['1.500.00', 'EUR'],
  ['1,000', 'GBP'],
  ['5.5', 'JPY'],
  ['19.99', null],
  ['abc', 'EUR'],
])('B6: %j %j is no amount: nothing is invented', (text, currency) => {
  expect(readMoney(text, currency)).toBeNull()
})

describe('B9: dates stay dates', () => {
  test.each([
    ['14-Jul-2025', '2025-07-14'],
    ['2025-07-14', '2025-07-14'],
    ['2025-07-14T23:59:59Z', '2025-07-14'],
    ['2025-07-14T23:00:00-03:00', '2025-07-15'],
    ['29-Feb-2028', '2028-02-29'],
    ['2-jul-2025', '2025-07-02'],
    ['14-Mär-2025', '2025-03-14'],
    ['14-Okt.-2025', '2025-10-14'],
    ['14-juil.-2025', '2025-07-14'],
    ['14-août-2025', '2025-08-14'],
    ['14-dic-2025', '2025-12-14'],
    ['14-gen-2025', '2025-01-14'],
    ['14-mrt-2025', '2025-03-14'],
    ['14-maj-2025', '2025-05-14'],
    ['14-paź-2025', '2025-10-14'],
    ['14-Ağu-2025', '2025-08-14'],
    ['14 July 2025', '2025-07-14'],
    ['14.07.2025', '2025-07-14'],
    ['2025/07/14', '2025-07-14'],
    ['14-Jul-25', '2025-07-14'],
    ['14. Juli 2025', '2025-07-14'],
    ['2025/7/4', '2025-07-04'],
    ['2025年7月14日', '2025-07-14'],
    ['14-Jul-2025 23:59:59', '2025-07-14'],
    ['14.07.2025 9:05', '2025-07-14'],
    ['2025-07-14T23:00:00', '2025-07-14'],
    ['2025-07-14 23:00:00 UTC', '2025-07-14'],
    ['2025-07-14 23:00:00-03:00', '2025-07-15'],
  ])('%s is %s', (text, date) => {
    expect(readDate(text)).toBe(date)
  })

  test.each([
    '31-Feb-2026',
    '14-Jux-2025',
    '2025-13-01',
    '',
    'yesterday',
    '07/08/2025',
    '07/14/2025',
    '07-08-2025',
    '14.07.25',
    '14-jui-2025',
    '45852',
    '2025-07-14 23:00:00 CEST',
    '14-Jul-2025 23:00 PDT',
    '2025-07-14T25:00:00Z',
  ])('%j is no date', (text) => {
    expect(readDate(text)).toBeNull()
  })
})

test('flags in the words of each marketplace', () => {
  const [yes, no] = [
    ['Ja', 'oui', 'Sí', 'Sì', 'sim', 'tak', 'evet', 'はい', 'نعم', 'YES'],
    ['Nein', 'non', 'NO', 'não', 'nie', 'hayır', 'HAYIR', 'いいえ', 'لا', 'nee'],
  ]
  expect(yes.map(readFlag)).toEqual(yes.map(() => true))
  expect(no.map(readFlag)).toEqual(no.map(() => false))
})

test('flags, units and tracking numbers', () => {
  expect(['Y', 'true', 'N', 'false', '', 'maybe'].map(readFlag)).toEqual([
    true,
    true,
    false,
    false,
    null,
    null,
  ])
  expect(['3', '0', '', '1.5', '-1'].map(readUnits)).toEqual([3, 0, null, null, null])
  expect(['2.0', '2,00 ', '2.01', '2.000', '.0'].map(readUnits)).toEqual([2, 2, null, null, null])
  expect(['2147483647', '2147483648', '99999999999'].map(readUnits)).toEqual([2_147_483_647, null, null])
  expect(['T1 ', 'N/A', '-', ' '].map(readTracking)).toEqual(['T1', null, null, null])
})

test('every spelling of a reason is one code', () => {
  const spellings = [
    'CR-ORDERED_WRONG_ITEM',
    'cr_ordered_wrong_item',
    'CR-ORDERED-WRONG-ITEM',
    'Ordered wrong item',
  ]
  expect(new Set(spellings.map(normaliseReason))).toEqual(new Set(['ORDERED_WRONG_ITEM']))
  expect(normaliseReason(' ')).toBeNull()
})

test('known reasons are listed in their normalised form, once', () => {
  const codes = knownReasons.map((r) => r.code)
  expect(codes.map(normaliseReason)).toEqual(codes)
  expect(new Set(codes).size).toBe(codes.length)
})

test('ids depend on the name alone and are version 5 UUIDs', () => {
  expect(uuidOf('a')).toBe(uuidOf('a'))
  expect(uuidOf('a')).not.toBe(uuidOf('b'))
  expect(uuidOf('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
