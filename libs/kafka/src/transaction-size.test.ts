import { expect, test } from 'vitest'
import { FIRST_RECORDS, nextTransactionSize } from './transaction-size.ts'

/** The size after many full transactions at a pace. */
function settled(recordsPerMs: number, fixedMs = 5): number {
  let size = FIRST_RECORDS
  for (let n = 0; n < 50; n++) size = nextTransactionSize(size, size, fixedMs + size / recordsPerMs)
  return size
}

test.each([
  [5, 375],
  [50, 3_750],
])('%i records a millisecond settle at transactions of 80 ms of work', (pace, expected) => {
  expect(settled(pace)).toBeGreaterThan(expected * 0.95)
  expect(settled(pace)).toBeLessThan(expected * 1.05)
})

test('the size stays within bounds, however fast or slow', () => {
  expect(settled(1_000)).toBe(10_000)
  expect(settled(0.01)).toBe(100)
})

test('a transaction that was not full says nothing, unless it was slow', () => {
  expect(nextTransactionSize(1_000, 3, 8)).toBe(1_000)
  expect(nextTransactionSize(1_000, 3, 5_000)).toBe(500)
})
