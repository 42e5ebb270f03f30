import { expect, test } from 'vitest'
import { API, Frames, readHead, withPort } from './frames.ts'

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

test('a broker is named at the port of the proxy', () => {
  const answer = message(string('127.0.0.1'), Buffer.of(0, 0, 0x23, 0x84))
  expect(withPort(answer, 5000).readInt32BE(answer.length - 4)).toBe(5000)
})
