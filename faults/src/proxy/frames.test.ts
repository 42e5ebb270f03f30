import { expect, test } from 'vitest'
import { API, correlationOf, Frames, readHead, reply, withPorts } from './frames.ts'

const message = (...parts: Buffer[]) => {
  const body = Buffer.concat(parts)
  const size = Buffer.alloc(4)
  size.writeInt32BE(body.length)
  return Buffer.concat([size, body])
}
const string = (text: string) => Buffer.concat([Buffer.of(0, text.length), Buffer.from(text)])

test('messages that come in pieces are cut where Kafka cut them', () => {
  const stream = Buffer.concat([message(Buffer.from('first')), message(Buffer.from('second'))])
  const frames = new Frames()
  const cut = [...stream].flatMap((byte) => frames.push(Buffer.of(byte)))
  expect(cut.map((frame) => frame.subarray(4).toString())).toEqual(['first', 'second'])
})

test('the head of a request tells its kind and its transactional id', () => {
  const request = message(
    Buffer.of(0, API.EndTxn, 0, 1, 0, 0, 0, 7),
    string('client'),
    string('reconciler-3'),
  )
  expect(readHead(request)).toEqual({ apiKey: API.EndTxn, correlationId: 7, transactionalId: 'reconciler-3' })
})

test('each broker is named at a port of the proxy', () => {
  const named = (port: number) => {
    const number = Buffer.alloc(4)
    number.writeInt32BE(port)
    return Buffer.concat([string('127.0.0.1'), number])
  }
  const ports = new Map([
    [9092, 5000],
    [9093, 5001],
  ])
  expect(withPorts(message(named(9092), named(9093)), ports)).toEqual(message(named(5000), named(5001)))
})

test('an answer is known by the number of its request', () => {
  const answer = reply({ apiKey: API.Heartbeat, correlationId: 7, transactionalId: null }, Buffer.of(1, 2))
  expect(answer).toEqual(message(Buffer.of(0, 0, 0, 7, 1, 2)))
  expect(correlationOf(answer)).toBe(7)
})
