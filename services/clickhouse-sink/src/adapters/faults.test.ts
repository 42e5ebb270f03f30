import { Fault } from '@backhaul/domain'
import { ClickHouseError } from '@clickhouse/client'
import { expect, test } from 'vitest'
import { toFault } from './faults.ts'

const told = (code: string, type: string) => new ClickHouseError({ code, type, message: 'value B000000001' })
const socket = (code: string) => Object.assign(new Error(`connect ${code}`), { code, errno: -111 })

test.each([
  [told('252', 'TOO_MANY_PARTS')],
  [told('241', 'MEMORY_LIMIT_EXCEEDED')],
  [told('159', 'TIMEOUT_EXCEEDED')],
  [told('202', 'TOO_MANY_SIMULTANEOUS_QUERIES')],
  [told('243', 'NOT_ENOUGH_SPACE')],
  [socket('ECONNREFUSED')],
  [socket('ECONNRESET')],
  [new Error('Timeout error.')],
])('%s may pass by waiting', (error) => {
  expect(toFault(error)).toMatchObject({ code: 'CLICKHOUSE_UNAVAILABLE', retryable: true, cause: error })
})

test.each([
  [told('469', 'VIOLATED_CONSTRAINT')],
  [told('33', 'CANNOT_READ_ALL_DATA')],
  [told('69', 'ARGUMENT_OUT_OF_BOUND')],
  [told('349', 'CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN')],
])('%s is bad data, and its value is not repeated', (error) => {
  const fault = toFault(error)
  expect(fault).toMatchObject({ code: 'ROWS_UNSTORABLE', retryable: false })
  expect((fault as Fault).message).not.toContain('B000000001')
})

test.each([[told('60', 'UNKNOWN_TABLE')], [told('62', 'SYNTAX_ERROR')], [new TypeError('x is undefined')]])(
  '%s is a bug, or for a person: it comes back as it is',
  (error) => expect(toFault(error)).toBe(error),
)

test('a fault is classified once', () => {
  const fault = new Fault('ROWS_UNSTORABLE', 'a day out of range')
  expect(toFault(fault)).toBe(fault)
})
