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
