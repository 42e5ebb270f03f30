import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Backfill, finishEstimate, slicesOf } from './backfill.ts'
import { LONGEST_WINDOW_MS } from './windows.ts'

test('C15: slices of any range are newest first, at most 60 days, without gap or overlap', () => {
  const instant = fc.integer({ min: 0, max: 4_000 * 86_400_000 })
  fc.assert(
    fc.property(instant, instant, (a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)]
      const slices = slicesOf(from, to)
      let expected = to
      for (const slice of slices) {
        expect(slice.to).toBe(expected)
        expect(slice.to - slice.from).toBeGreaterThan(0)
        expect(slice.to - slice.from).toBeLessThanOrEqual(LONGEST_WINDOW_MS)
        expected = slice.from
      }
      expect(expected).toBe(from)
    }),
  )
})

test('C15: the finish is estimated from the slices so far', () => {
  const backfill = { state: 'running', createdAt: 1_000 } as Backfill
  const progress = { slices: 10, done: 2, failed: 0, rowsInDocuments: 0 }
  expect(finishEstimate(backfill, progress, 2_000)).toBe(6_000)
  expect(finishEstimate(backfill, { ...progress, done: 0 }, 2_000)).toBeNull()
  expect(finishEstimate({ ...backfill, state: 'paused' }, progress, 2_000)).toBeNull()
})
