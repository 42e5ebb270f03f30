import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSocket, processData } from './one-copy-response.ts'

type Connection = ThisParameterType<typeof processData>

/** A connection of kafkajs that keeps its answers. */
function connection(): { given: Connection; answers: [correlationId: number, payload: string][] } {
  const answers: [number, string][] = []
  const given: Connection = {
    socket: {} as Socket,
    frame: null,
    authHandlers: null,
    authExpectResponse: false,
    requestQueue: {
      fulfillRequest: ({ correlationId, payload }) => {
        answers.push([correlationId, payload.toString()])
      },
    },
    processData,
  }
  return { given, answers }
}

function frame(correlationId: number, payload: string): Buffer {
  const head = Buffer.alloc(8)
  head.writeInt32BE(4 + Buffer.byteLength(payload))
  head.writeInt32BE(correlationId, 4)
  return Buffer.concat([head, Buffer.from(payload)])
}

test('answers come whole and in order, wherever the stream is cut, from a buffer that is used again', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 8 }), cuts, (payloads, lengths) => {
      const { given, answers } = connection()
      const stream = Buffer.concat(payloads.map((payload, n) => frame(n, payload)))
      const read = Buffer.alloc(12)
      for (let at = 0, n = 0; at < stream.length; n++) {
        const length = stream.copy(read, 0, at, at + (lengths[n % lengths.length] as number))
        processData.call(given, read.subarray(0, length))
        at += length
      }
      expect(answers).toEqual(payloads.map((payload, n) => [n, payload]))
    }),
  )
})

test('what a socket that broke has begun is not ended by the next one', () => {
  const { given, answers } = connection()
  processData.call(given, frame(1, 'of the first').subarray(0, 10))
  Object.assign(given, { socket: {} })
  processData.call(given, frame(2, 'of the second'))
  expect(answers).toEqual([[2, 'of the second']])
})

test('an authentication gets the answer with its length, as it came', () => {
  const { given } = connection()
  const got: Buffer[] = []
  Object.assign(given, {
    authHandlers: { onSuccess: (bytes: Buffer) => got.push(bytes) },
    authExpectResponse: true,
  })
  const bytes = frame(7, 'granted')
  processData.call(given, bytes.subarray(0, 3))
  processData.call(given, bytes.subarray(3))
  expect(got).toEqual([bytes])
})

test('a socket of its own buffer brings every byte, and tells the end', async () => {
  const sent = Buffer.alloc(1_000_000, 'abc')
  const server = createServer((socket) => socket.end(sent)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { createRequire } = await import('node:module')
  const create = createRequire(import.meta.url)('kafkajs/src/network/socketFactory') as () => Parameters<
    typeof openSocket
  >[0]['socketFactory']
  const got: Buffer[] = []
  await new Promise<void>((resolve, reject) => {
    openSocket({
      socketFactory: create(),
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
      ssl: null,
      onConnect() {},
      onData: (chunk) => got.push(Buffer.from(chunk)),
      onEnd: resolve,
      onError: reject,
      onTimeout() {},
    })
  })
  server.close()
  expect(Buffer.concat(got).equals(sent)).toBe(true)
})
