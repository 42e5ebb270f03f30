import { expect, test } from 'vitest'
import { memo } from './memo.ts'

test('a text is read once, null and undefined too, and forgotten when too many came', () => {
  const read: string[] = []
  const length = memo((text) => {
    read.push(text)
    return text.length > 3 ? null : text.length
  })
  expect([length('abc'), length('abc'), length('long'), length('long')]).toEqual([3, 3, null, null])
  expect(read).toEqual(['abc', 'long'])
  for (let n = 0; n < 1_000; n++) length(`text ${n}`)
  expect(length('abc')).toBe(3)
  expect(read.filter((text) => text === 'abc')).toHaveLength(2)
})
