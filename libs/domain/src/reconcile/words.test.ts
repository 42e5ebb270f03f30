import { expect, test } from 'vitest'
import { columnsOf } from '../return-report/columns.ts'
import { statusOf } from './words.ts'

const nothing = { refunded: false, delivered: false, tracked: false }

// A name that every object has was taken for a known word, and stopped the reconciler.
test.each(['Constructor', 'toString', '__proto__', 'Some new word', null])(
  'the status word %s counts as open',
  (amazonStatus) => {
    expect(statusOf({ amazonStatus, ...nothing })).toBe('open')
  },
)

test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
  'the column %s is none that we know',
  (header) => {
    expect(columnsOf([header])).toEqual([{ kind: 'dropped' }])
  },
)
