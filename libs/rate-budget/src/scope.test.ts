import { expect, test } from 'vitest'
import { scopeOfThrottle } from './scope.ts'

const alone = {
  applicationLimited: false,
  reportTypeLimited: false,
  otherSellersThrottled: 0,
  otherTypeAccepted: false,
}

test.each([
  ['a seller alone', {}, 'seller'],
  ['a second seller, by chance', { otherSellersThrottled: 1 }, 'seller'],
  ['a third seller', { otherSellersThrottled: 2 }, 'application'],
  ['another one while the application is limited', { applicationLimited: true }, 'application'],
  ['one type while another is taken', { otherTypeAccepted: true }, 'report_type'],
  ['a type that is limited already', { reportTypeLimited: true }, 'report_type'],
] as const)('C7: a 429 to %s', (_, known, scope) => {
  expect(scopeOfThrottle({ ...alone, ...known })).toBe(scope)
})
