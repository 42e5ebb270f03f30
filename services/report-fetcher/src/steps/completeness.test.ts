import { describe, expect, test } from 'vitest'
import type { DayRead } from '../adapters/days-read.ts'
import { completenessOf } from './completeness.ts'

const NOW = Date.parse('2026-06-10T12:00:00Z')
const unread: DayRead = {
  ...{ marketplaceId: 'DE', day: '2026-06-01', isWhole: false },
  ...{ readUpTo: null, lastRead: null, missed: null },
}
const asked = { isFetched: true, isAutomatic: true, start: Date.parse('2026-05-01') }
const readBy = (cancelledClass: 'no_returns' | 'wrong_programme' | null, error: string | null = null) => ({
  isWhole: true,
  lastRead: { reportRunId: 'run_1', endedAt: NOW, rows: 0, cancelledClass, error },
})

describe('B2: a day is read, not over, or a hole with its reason', () => {
  test.each([
    [readBy(null), asked, 'read', null],
    [readBy('no_returns'), asked, 'read', /no returns$/],
    [{ ...readBy('no_returns'), day: '2023-06-01' }, asked, 'read', /no longer has any so old$/],
    [readBy('wrong_programme', 'it seems to sell by FBA alone'), asked, 'read', /FBA alone/],
    [{ day: '2026-06-10' }, asked, 'under_way', /not over/],
    [
      { missed: { reportRunId: 'run_1', state: 'FATAL', error: 'Internal error' } },
      asked,
      'hole',
      /run_1 is FATAL: Internal error/,
    ],
    [{ day: '2026-04-30' }, asked, 'hole', /start time/],
    [{}, { ...asked, isFetched: false }, 'hole', /not mapped/],
    [{}, { ...asked, isAutomatic: false }, 'hole', /Automatic import is off/],
    [{}, asked, 'hole', /next cycle/],
  ] as const)('%j', (given, of, status, reason) => {
    const told = completenessOf({ ...unread, ...given }, of, NOW)
    expect(told.status).toBe(status)
    if (reason === null) expect(told.reason).toBeNull()
    else expect(told.reason).toMatch(reason)
  })
})
