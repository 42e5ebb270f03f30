import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stock } from '../../test/stock-kafkajs.ts'
import { encodeRequest } from './one-copy-request.ts'
import { Pieces } from './one-pass-encoder.ts'

const path = 'kafkajs/src/protocol'
const stockRequest = stock<typeof encodeRequest>(`${path}/request`)
const StockEncoder = stock<new () => { buffer: Buffer; writeBuffer(bytes: Buffer): { buffer: Buffer } }>(
  `${path}/encoder`,
)

const pieces = fc.array(
  fc.uint8Array({ maxLength: 5_000 }).map((bytes) => Buffer.from(bytes)),
  { maxLength: 5 },
)

test('a request is byte for byte that of kafkajs, whatever its body is made of', () =>
  fc.assert(
    fc.asyncProperty(
      pieces,
      fc.nat(2 ** 31 - 1),
      fc.option(fc.string()),
      async (list, correlationId, clientId) => {
        const encoded = new StockEncoder()
        for (const piece of list) encoded.writeBuffer(piece)
        const given = (body: { buffer: Buffer }) => ({
          correlationId,
          clientId,
          request: { apiKey: 22, apiVersion: 1, encode: async () => body },
        })
        const theirs = (await stockRequest(given(encoded))).buffer
        const inPieces = Object.assign(new Pieces(), { list })
        expect((await encodeRequest(given(encoded))).buffer).toEqual(theirs)
        expect((await encodeRequest(given(inPieces))).buffer).toEqual(theirs)
      },
    ),
  ))
