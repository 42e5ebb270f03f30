import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { EncodableRecord } from './encoded-records.ts'
import { PlainHeaders } from './headers.ts'
import { Sends } from './sends.ts'

const record = (bytes: number, partition = 0, given: Partial<EncodableRecord> = {}): EncodableRecord => ({
  topic: 'orders',
  partition,
  timestamp: 1_790_000_000_000,
  key: null,
  value: randomBytes(bytes),
  headers: new PlainHeaders(),
  ...given,
})

/** Topic and number of records of each send. */
const told = (sends: Sends) =>
  sends.list.map((send) =>
    Array.from(send, ([topic, { byPartition }]) => [
      topic,
      Object.values(byPartition).reduce((sum, { length }) => sum + length, 0),
    ]),
  )

function added(...records: EncodableRecord[]) {
  const sends = new Sends()
  for (const one of records) sends.addAll([one])
  return told(sends)
}

test('what fits goes together, all topics and partitions in one send', () => {
  const sends = new Sends()
  for (let n = 0; n < 10_000; n++) {
    sends.addAll([record(20, n % 4, { topic: n % 2 ? 'orders' : 'states' })])
  }
  expect(told(sends)).toEqual([
    [
      ['states', 5_000],
      ['orders', 5_000],
    ],
  ])
})

test('a send ends where a partition would exceed what brokers take, counted for each on its own', () => {
  expect(added(record(500_000, 0), record(500_000, 1))).toEqual([[['orders', 2]]])
  expect(added(record(500_000, 0), record(500_000, 0))).toEqual([[['orders', 1]], [['orders', 1]]])
})

test('headers count, and a record of the very limit goes alone', () => {
  const headers = new PlainHeaders({ long: 'x'.repeat(400_000) })
  expect(added(record(1), record(600_000, 0, { headers }))).toHaveLength(2)
  expect(added(record(899_900), record(1), record(100))).toHaveLength(2)
})

test('a record that brokers would refuse at each try is a Fault that says so, and leaves the rest', () => {
  const sends = new Sends()
  sends.addAll([record(10)])
  expect(() => sends.addAll([record(5), record(1_048_000)])).toThrow(
    expect.objectContaining({ code: 'MESSAGE_TOO_LARGE', retryable: false }),
  )
  expect(told(sends)).toEqual([[['orders', 1]]])
})

test('a large record that compresses well is taken, alone', () => {
  const sends = new Sends()
  sends.addAll([record(10)])
  sends.addAll([record(0, 0, { value: Buffer.from('x'.repeat(5_000_000)) })])
  expect(sends.list).toHaveLength(2)
})
