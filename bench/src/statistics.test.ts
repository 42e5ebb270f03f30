import { expect, test } from 'vitest'
import { median, percentile, summarise } from './statistics.ts'

test('the median is the middle value, or the mean of the two middle ones', () => {
  expect(median([5, 1, 100])).toBe(5)
  expect(median([4, 1, 2, 100])).toBe(3)
  expect(median([])).toBeNaN()
})

test('a percentile is a value that was measured, by nearest rank', () => {
  const values = Array.from({ length: 200 }, (_, n) => n + 1)
  expect(percentile(values, 0.5)).toBe(100)
  expect(percentile(values, 0.99)).toBe(198)
  expect(percentile(values, 1)).toBe(200)
})

test('a summary shows the spread', () => {
  expect(summarise([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 })
})
