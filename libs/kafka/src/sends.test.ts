import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { Sends } from './sends.ts'

const message = (bytes: number, partition = 0) => ({ value: randomBytes(bytes), partition })

function added(...messages: ReturnType<typeof message>[]) {
  const sends = new Sends()
  for (const m of messages) sends.add('orders', m)
  return sends.list.map((send) => send.map(({ topic, messages }) => [topic, messages.length]))
}

test('what fits goes together, all topics and partitions in one send', () => {
  const sends = new Sends()
  for (let n = 0; n < 10_000; n++) sends.add(n % 2 ? 'orders' : 'states', message(20, n % 4))
  expect(sends.list.map((send) => send.map((t) => [t.topic, t.messages.length]))).toEqual([
    [
      ['states', 5_000],
      ['orders', 5_000],
    ],
  ])
})

test('a send ends where a partition would exceed what brokers take, counted for each on its own', () => {
  expect(added(message(500_000, 0), message(500_000, 1))).toEqual([[['orders', 2]]])
  expect(added(message(500_000, 0), message(500_000, 0))).toEqual([[['orders', 1]], [['orders', 1]]])
})

test('headers count, and a record of the very limit goes alone', () => {
  const headers = { long: 'x'.repeat(400_000) }
  expect(added(message(1), { ...message(600_000), headers } as never)).toHaveLength(2)
  expect(added(message(899_900), message(1), message(100))).toHaveLength(2)
})

test('a record that brokers would refuse at each try is a Fault that says so, and leaves the rest', () => {
  const sends = new Sends()
  sends.add('orders', message(10))
  expect(() => sends.add('orders', message(1_048_000))).toThrow(
    expect.objectContaining({ code: 'MESSAGE_TOO_LARGE', retryable: false }),
  )
  expect(sends.list).toEqual([[{ topic: 'orders', messages: [expect.anything()] }]])
})

test('a large record that compresses well is taken, alone', () => {
  const sends = new Sends()
  sends.add('orders', message(10))
  sends.add('orders', { value: 'x'.repeat(5_000_000), partition: 0 } as never)
  expect(sends.list).toHaveLength(2)
})
