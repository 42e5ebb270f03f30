import { Fault } from '@backhaul/domain'
import { returnItem, returnOrder } from '@backhaul/domain/builders'
import type { InputRecord } from '@backhaul/kafka'
import { expect, test } from 'vitest'
import { readRecord, type Topic } from './read-records.ts'

const record = (given: Partial<InputRecord<Topic>>): InputRecord<Topic> => ({
  topic: 'return-orders.v1',
  partition: 1,
  offset: 7n,
  timestamp: 1_780_000_000_000,
  key: 'r',
  value: null,
  undecodable: null,
  raw: { offset: 7n, timestamp: 1_780_000_000_000, key: Buffer.from('r'), value: null, headers: {} },
  ...given,
})

test('an event gives one row an item, removed ones too, so that older rows of them give way', () => {
  const items = [returnItem({ returnItemId: 'a' }), returnItem({ returnItemId: 'b', removed: true })]
  const event = returnOrder({ returnOrderId: 'r', items })
  expect(readRecord(record({ value: event }))).toEqual({
    items: items.map((item) => ({ event, item, offset: 7n })),
    deletions: [],
    runs: [],
  })
})

test('a tombstone gives a deletion at its offset', () => {
  expect(readRecord(record({}))).toEqual({
    items: [],
    deletions: [{ returnOrderId: 'r', offset: 7n, deletedAt: 1_780_000_000_000 }],
    runs: [],
  })
})

test.each([
  ['has no key', { key: null }],
  ['has the key of another return', { key: 'other', value: returnOrder({ returnOrderId: 'r' }) }],
  ['has no value', { topic: 'report-runs.v1' as const }],
])('a record that %s is known bad data and says where it is', (what, given) => {
  const at = `${'topic' in given ? given.topic : 'return-orders.v1'}/1@7`
  expect(() => readRecord(record(given))).toThrow(
    expect.objectContaining({ code: 'CONTRACT_BROKEN', retryable: false, message: `${at} ${what}` }),
  )
})

test('a record that could not be decoded is rejected with its own cause', () => {
  const undecodable = new Fault('UNDECODABLE_FRAME', 'no magic byte')
  expect(() => readRecord(record({ undecodable }))).toThrow(undecodable)
})
