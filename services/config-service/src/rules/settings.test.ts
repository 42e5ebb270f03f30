import { expect, test } from 'vitest'
import { newIntegration } from './settings.ts'

const good = {
  name: 'Amazon Europe',
  initialReportStartTime: '2026-03-01 00:00:00',
  mainMarketplace: 'DE',
}
const faultsOf = (given: object) =>
  newIntegration.safeParse({ ...good, ...given }).error?.issues.map((i) => i.path.join('.')) ?? []

test('RC-19, SC-13: the interval is 2 hours unless told otherwise, import is automatic, labels are prepaid, kits are expanded', () => {
  expect(newIntegration.parse(good)).toMatchObject({
    intervalHours: 2,
    automaticImport: true,
    importSettings: { statuses: 'all', labelTypes: ['AmazonPrePaidLabel'], expandKits: true },
  })
})

test.each([0, -1, 1.5, '2'])('RC-18: an interval of %j hours is refused', (intervalHours) => {
  expect(faultsOf({ intervalHours })).toEqual(['intervalHours'])
})

test.each(['2026-03-01 00:00:00', '2028-02-29 23:59:59'])(
  'RC-21: the start time %s is accepted',
  (initialReportStartTime) => {
    expect(faultsOf({ initialReportStartTime })).toEqual([])
  },
)

test.each([
  '2026-03-01T00:00Z',
  '2026-02-31 00:00:00',
  '2026-03-01 24:61:00',
  '2026-03-01',
  '2026-02-29 00:00:00',
])('RC-21: the start time %s is refused', (initialReportStartTime) => {
  expect(faultsOf({ initialReportStartTime })).toEqual(['initialReportStartTime'])
})

test("RC-24: the main marketplace is one of Amazon's, by country", () => {
  expect(['DE', 'FR', 'US', 'JP'].flatMap((mainMarketplace) => faultsOf({ mainMarketplace }))).toEqual([])
  expect(faultsOf({ mainMarketplace: 'XX' })).toEqual(['mainMarketplace'])
})

test('RC-26: the reminder address must be an e-mail address', () => {
  expect(faultsOf({ reminderEmail: 'nobody' })).toEqual(['reminderEmail'])
  expect(faultsOf({ reminderEmail: 'returns@example.com' })).toEqual([])
})

test('a setting that does not exist is named', () => {
  expect(newIntegration.safeParse({ ...good, intervall: 3 }).error?.issues[0]?.message).toContain('intervall')
})
