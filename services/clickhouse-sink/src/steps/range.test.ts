import { expect, test } from 'vitest'
import { fromNote, tokenOf, toNote } from './range.ts'

const range = { topic: 'return-orders.v1', partition: 2, from: 7n, to: 19n }

test('a token names topic, partition and range, and the generation of the tables', () => {
  expect(tokenOf(range, 1)).toBe('g1:return-orders.v1:2:7-19')
  expect(tokenOf(range, 2)).not.toBe(tokenOf(range, 1))
})

test('a note tells where the range ends; no note tells nothing', () => {
  expect(fromNote(toNote(range))).toBe(19n)
  expect(fromNote(null)).toBeNull()
  expect(fromNote('')).toBeNull()
})

test('a note of somebody else stops, saying what to do', () => {
  expect(() => fromNote('lag monitor')).toThrow(
    'The position in Kafka carries the note lag monitor: clear the group',
  )
})
