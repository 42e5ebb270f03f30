import type { Report } from '@backhaul/sp-api'
import { describe, expect, test } from 'vitest'
import { DAY_MS, HOUR_MS, plannedRun, reportOf } from '../../test/runs.ts'
import { classifyCancelled, type History } from './classify-cancelled.ts'

const NOW = Date.parse('2026-06-01T12:00:00Z')
const run = plannedRun({
  state: 'IN_PROGRESS',
  windowFrom: NOW - 40 * DAY_MS,
  windowTo: NOW,
  reportId: 'own',
  askedAt: NOW,
})
const wide = { ...run, reportFrom: NOW - 60 * DAY_MS }
const noHistory: History = { everDone: true, cancelledCycles: 0, cancelledTo: null }
const classOf = (
  given: Partial<{ of: typeof run; reports: Report[]; known: string[]; history: Partial<History> }>,
) =>
  classifyCancelled(given.of ?? run, given.reports ?? [], new Set(['own', ...(given.known ?? [])]), {
    ...noHistory,
    ...given.history,
  })
const scheduled = reportOf(run, { reportId: 'other', reportScheduleId: 'S1', createdTime: NOW - HOUR_MS })
const again = reportOf(run, { reportId: 'ours', createdTime: NOW - HOUR_MS / 4 })

describe('C3: why Amazon cancelled a report', () => {
  test('a window that was asked for once is asked for wider', () => {
    expect(classOf({})).toEqual({ because: 'ask wider' })
  })
  test('empty: the wider report was cancelled too', () => {
    expect(classOf({ of: wide })).toMatchObject({ because: 'no_returns', provenTo: NOW })
  })
  test('empty: an earlier cycle was cancelled, as far as that one reached', () => {
    expect(classOf({ history: { cancelledTo: NOW - HOUR_MS } })).toMatchObject({
      because: 'no_returns',
      provenTo: NOW - HOUR_MS,
    })
  })
  test('unknown: 60 days cannot be asked for wider, and no cycle before tells more', () => {
    const full = { ...run, windowFrom: NOW - 60 * DAY_MS }
    expect(classOf({ of: full })).toEqual({
      because: 'unknown',
      words: expect.stringContaining('next cycle'),
    })
  })
  test('collided: a schedule made one within four hours; it is to be read in its place', () => {
    expect(classOf({ reports: [scheduled] })).toMatchObject({ because: 'collided', inFavourOf: scheduled })
    const { dataStartTime: _, ...unsaid } = scheduled
    const without = classOf({ reports: [{ ...unsaid, dataStartTime: undefined }] })
    expect(without).toMatchObject({ because: 'collided' })
    expect(without).not.toHaveProperty('inFavourOf')
    const ofOtherDays = { ...scheduled, dataStartTime: new Date(NOW).toISOString() }
    expect(classOf({ of: wide, reports: [ofOtherDays] })).toMatchObject({ because: 'no_returns' })
    const old = reportOf(run, { reportId: 'other', reportScheduleId: 'S1', createdTime: NOW - 5 * HOUR_MS })
    expect(classOf({ of: wide, reports: [old] })).toMatchObject({ because: 'no_returns' })
  })
  test('throttled: one of our own of the same days was made within half an hour', () => {
    expect(classOf({ reports: [again], known: ['ours'] })).toMatchObject({ because: 'throttled' })
    const cancelled = { ...again, processingStatus: 'CANCELLED' } as const
    expect(classOf({ of: wide, reports: [cancelled], known: ['ours'] })).toMatchObject({
      because: 'no_returns',
    })
  })
  test('times are compared by Amazon’s clock: ours may be behind, and a report before ours is not taken for a later one', () => {
    const MINUTE_MS = 60_000
    const before = reportOf(run, { reportId: 'ours', createdTime: NOW + 2 * MINUTE_MS })
    const cancelled = reportOf(run, {
      ...{ reportId: 'own', processingStatus: 'CANCELLED' },
      createdTime: NOW + 3 * MINUTE_MS,
    })
    expect(classOf({ of: wide, reports: [cancelled, before], known: ['ours'] })).toMatchObject({
      because: 'throttled',
    })
  })
  test('wrong programme: no report was ever made, and three cycles were cancelled', () => {
    const history = { everDone: false, cancelledCycles: 2, cancelledTo: NOW }
    expect(classOf({ history })).toMatchObject({
      because: 'wrong_programme',
      words: expect.stringContaining('FBA'),
      provenTo: NOW,
    })
    expect(classOf({ history: { ...history, everDone: true } })).toMatchObject({ because: 'no_returns' })
  })
  test('stuck: we cancelled it ourselves, and nothing is proven', () => {
    expect(classOf({ of: { ...wide, cancelTried: true } })).toEqual({
      because: 'stuck',
      words: expect.stringContaining('queue'),
    })
  })
  test('reports of other marketplaces and types tell nothing', () => {
    const others = [
      { ...scheduled, marketplaceIds: ['FR'] },
      { ...scheduled, marketplaceIds: ['DE', 'FR'] },
      { ...scheduled, reportType: 'GET_ORDERS' },
    ]
    expect(classOf({ of: wide, reports: others })).toMatchObject({ because: 'no_returns' })
  })
})
