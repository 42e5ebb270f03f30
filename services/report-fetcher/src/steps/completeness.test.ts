import { describe, expect, test } from 'vitest'
import type { DayRead } from '../adapters/days-read.ts'
import { completenessOf } from './completeness.ts'

const NOW = Date.parse('2026-06-10T12:00:00Z')
const unread: DayRead = {
  ...{ marketplaceId: 'DE', day: '2026-06-01', isWhole: false },
  ...{ readUpTo: null, lastRead: null, missed: null },
}
const asked = { isFetched: true, start: Date.parse('2026-05-01') }

describe('B2: a day is read, not over, or a hole with its reason', () => {
  test.each([
    [{ isWhole: true }, asked, 'read', null],
    [{ day: '2026-06-10' }, asked, 'under_way', /not over/],
    [
      { missed: { reportRunId: 'run_1', state: 'FATAL', error: 'Internal error' } },
      asked,
      'hole',
      /run_1 is FATAL: Internal error/,
    ],
    [{ day: '2026-04-30' }, asked, 'hole', /start time/],
    [{}, { ...asked, isFetched: false }, 'hole', /not mapped/],
    [{}, asked, 'hole', /next cycle/],
  ] as const)('%j', (given, of, status, reason) => {
    const told = completenessOf({ ...unread, ...given }, of, NOW)
    expect(told.status).toBe(status)
    if (reason === null) expect(told.reason).toBeNull()
    else expect(told.reason).toMatch(reason)
  })
})
