import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { stock } from '../../test/stock-kafkajs.ts'
import './newer-error-codes.ts'

const path = 'kafkajs/src/protocol/error'
type Errors = { createErrorFromCode(code: number): { type: string; retriable: boolean } }

const ours = createRequire(import.meta.url)(path) as Errors

test.each([
  [90, 'PRODUCER_FENCED', false],
  [110, 'FENCED_MEMBER_EPOCH', false],
  [120, 'TRANSACTION_ABORTABLE', false],
  [100, 'UNKNOWN_TOPIC_ID', true],
])('error code %i has its name, %s', (code, type, retriable) => {
  expect(ours.createErrorFromCode(code)).toMatchObject({ type, retriable })
  expect(stock<Errors>(path).createErrorFromCode(code).type).toBe('KAFKAJS_UNKNOWN_ERROR_CODE')
})

test('codes that kafkajs knows keep their meaning', () => {
  const known = stock<Errors>(path)
  for (let code = -1; code <= 88; code++) {
    expect(ours.createErrorFromCode(code)).toEqual(known.createErrorFromCode(code))
  }
})
