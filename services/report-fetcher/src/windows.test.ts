import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LONGEST_WINDOW_MS, startOf, windowsOf } from './windows.ts'

const DAY = 86_400_000

test('RC-23: the first window of the first run starts at the start time', () => {
  expect(windowsOf(0, null, 10 * DAY)).toEqual([{ from: 0, to: 10 * DAY }])
  expect(windowsOf(0, null, 100 * DAY)).toEqual([
    { from: 0, to: 40 * DAY },
    { from: 40 * DAY, to: 100 * DAY },
  ])
})

test('Q1: a later cycle reads the last 60 days again', () => {
  expect(windowsOf(0, 99 * DAY, 100 * DAY)).toEqual([{ from: 40 * DAY, to: 100 * DAY }])
})

test('C2: windows have no gap, no overlap, at most 60 days, and end now; missed cycles are made up', () => {
  const instant = fc.integer({ min: 0, max: 1_000 * DAY })
  fc.assert(
    fc.property(instant, fc.option(instant), instant, (start, readUpTo, now) => {
      const windows = windowsOf(start, readUpTo, now)
      if (now <= start) {
        expect(windows).toEqual([])
        return
      }
      expect(windows.at(-1)?.to).toBe(now)
      expect(windows[0]?.from).toBeLessThanOrEqual(Math.max(start, Math.min(readUpTo ?? start, now)))
      for (const [n, window] of windows.entries()) {
        expect(window.to - window.from).toBeGreaterThan(0)
        expect(window.to - window.from).toBeLessThanOrEqual(LONGEST_WINDOW_MS)
        if (n > 0) expect(window.from).toBe(windows[n - 1]?.to)
      }
    }),
  )
})

test.each([
  ['2026-03-01 00:00:00', 'Europe/Berlin', '2026-02-28T23:00:00Z'],
  ['2026-07-01 12:00:00', 'Europe/London', '2026-07-01T11:00:00Z'],
  ['2026-03-29 03:00:00', 'Europe/Berlin', '2026-03-29T01:00:00Z'],
  ['2026-01-01 00:00:00', 'America/Los_Angeles', '2026-01-01T08:00:00Z'],
  ['2026-01-01 00:00:00', 'Asia/Tokyo', '2025-12-31T15:00:00Z'],
])('%s in %s is %s', (text, zone, instant) => {
  expect(startOf(text, zone)).toEqual({ at: Date.parse(instant), day: text.slice(0, 10) })
})

const ZONES = ['America/Los_Angeles', 'Europe/London', 'Europe/Berlin', 'Asia/Tokyo', 'Australia/Sydney']
/** Days on which clocks change in one of the zones, in 2026. */
const CHANGES = ['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01']

test('C2: rows at midnight, before and after, in five zones, on days of 23 and 25 hours, are each in one window', () => {
  const edge = fc.record({
    zone: fc.constantFrom(...ZONES),
    day: fc.constantFrom(...CHANGES),
    time: fc.constantFrom('23:59:59', '00:00:00', '00:00:01', '01:59:59', '03:00:00', '12:00:00'),
  })
  fc.assert(
    fc.property(edge, edge, fc.integer({ min: 1, max: 200 }), (started, row, days) => {
      const { at: start } = startOf(`${started.day} 00:00:00`, started.zone)
      const { at: instant } = startOf(`${row.day} ${row.time}`, row.zone)
      const now = start + days * DAY
      const windows = windowsOf(start, null, now)
      const holding = windows.filter((w) => w.from <= instant && instant < w.to)
      expect(holding).toHaveLength(instant >= start && instant < now ? 1 : 0)
    }),
  )
})

test('C2: clock jumps, missed cycles and failed windows leave no gap: what is marked as read was read', () => {
  const cycle = fc.record({
    /** How far the clock moves until the cycle: it may be set back, or stand for months. */
    movesMs: fc.integer({ min: -3 * DAY, max: 150 * DAY }),
    fails: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
    shuffle: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(cycle, { minLength: 1, maxLength: 30 }), (cycles) => {
      let now = 0
      let mark: number | null = null
      const read: { from: number; to: number }[] = []
      for (const { movesMs, fails, shuffle } of cycles) {
        now += movesMs
        const windows = windowsOf(0, mark, now)
        if (windows[0]) mark = Math.max(mark ?? windows[0].from, windows[0].from)
        for (const [n, window] of (shuffle ? windows.toReversed() : windows).entries()) {
          if (fails[n % fails.length]) continue
          read.push(window)
          if (mark !== null && mark >= window.from) mark = Math.max(mark, window.to)
        }
        let readUpTo = 0
        for (const { from, to } of read.toSorted((a, b) => a.from - b.from))
          if (from <= readUpTo) readUpTo = Math.max(readUpTo, to)
        expect(mark ?? 0).toBeLessThanOrEqual(readUpTo)
      }
    }),
  )
})

test('C1: an old return that changes is first seen within two cycles: each reads the last 60 days', () => {
  const hours = fc.integer({ min: 1, max: 24 })
  fc.assert(
    fc.property(hours, fc.constantFrom(1, 20, 45, 59), (interval, age) => {
      const changedAt = 300 * DAY
      const requestedAt = changedAt - age * DAY
      const cycleAt = changedAt + interval * (DAY / 24)
      const seen = windowsOf(0, changedAt, cycleAt).some((w) => w.from <= requestedAt && requestedAt < w.to)
      expect(seen || requestedAt < cycleAt - LONGEST_WINDOW_MS).toBe(true)
    }),
  )
})
