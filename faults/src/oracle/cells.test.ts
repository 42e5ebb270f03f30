import { expect, test } from 'vitest'
import { day, money, reasonCode, uuid5 } from './cells.ts'

test.each([
  ['19.99', 'EUR', 1999],
  ['77,98', 'eur', 7798],
  ['-3.10', 'EUR', -310],
  ['0.300', 'EUR', 30],
  ['12', 'JPY', 12],
  ['5.0', 'KWD', 5000],
])('money: %s %s is %d minor units', (text, currency, amountMinor) => {
  expect(money(text, currency)).toMatchObject({ amountMinor })
})

test.each([
  ['1.500', 'EUR'],
  ['free', 'EUR'],
  ['19.99', null],
  ['0.5', 'JPY'],
])('money: %s %s is never guessed', (text, currency) => {
  expect(money(text, currency)).toBeNull()
})

test('a day is read as it is written, an instant as its day in UTC', () => {
  expect([
    day('2-Jul-2025'),
    day('2025-07-03'),
    day('2025-07-05T00:30:00+02:00'),
    day('31-Foo-2025'),
  ]).toEqual(['2025-07-02', '2025-07-03', '2025-07-04', null])
})

test('a reason has one spelling, a name one id', () => {
  expect(['CR-DEFECTIVE', 'cr defective', ' '].map(reasonCode)).toEqual(['DEFECTIVE', 'DEFECTIVE', null])
  expect(uuid5('a')).toBe(uuid5('a'))
  expect(uuid5('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
