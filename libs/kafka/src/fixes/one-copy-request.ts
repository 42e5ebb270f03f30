/**
 * kafkajs copies a request twice, each time into a buffer that it zeroes and doubles as it grows: megabytes of garbage for a
 * send of 500 kB. Mends: kafkajs/src/protocol/request.js. Upstream: no issue known.
 */
import { Pieces } from './one-pass-encoder.ts'
import { replaceModule } from './replace-module.ts'

interface Request {
  correlationId: number
  clientId: string | null
  request: {
    apiKey: number
    apiVersion: number
    encode: () => Promise<{ readonly buffer: Buffer }>
  }
}

const LENGTH_BYTES = 4
/** Key and version of the API, correlation id, length of the client's name. */
const HEAD_BYTES = 2 + 2 + 4 + 2
const NO_NAME = -1

/** A request as it goes over the wire. Source: Kafka protocol guide, request header version 1. */
export async function encodeRequest({
  correlationId,
  clientId,
  request,
}: Request): Promise<{ buffer: Buffer }> {
  const body = await request.encode()
  const pieces = body instanceof Pieces ? body.list : [body.buffer]
  const name = clientId === null ? null : Buffer.from(clientId)
  const head = Buffer.allocUnsafe(LENGTH_BYTES + HEAD_BYTES)
  const size = pieces.reduce((sum, piece) => sum + piece.length, HEAD_BYTES + (name?.length ?? 0))
  let at = head.writeInt32BE(size)
  at = head.writeInt16BE(request.apiKey, at)
  at = head.writeInt16BE(request.apiVersion, at)
  at = head.writeInt32BE(correlationId, at)
  head.writeInt16BE(name?.length ?? NO_NAME, at)
  return { buffer: Buffer.concat(name ? [head, name, ...pieces] : [head, ...pieces], LENGTH_BYTES + size) }
}

replaceModule('kafkajs/src/protocol/request', encodeRequest)
