import { expect, test } from 'vitest'
import { differences } from './differences.ts'

test('equal values have no differences', () => {
  expect(differences({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toEqual([])
})

test('every difference is named with its path and both values', () => {
  const ours = { a: [1, { b: null }], only: true }
  const theirs = { a: [1, { b: 'x' }, 2] }
  expect(differences(ours, theirs)).toEqual([
    'a.1.b: null ≠ "x"',
    'a.2: undefined ≠ 2',
    'only: true ≠ undefined',
  ])
})
