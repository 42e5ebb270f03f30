/**
 * kafkajs lets each 64 KiB of a response become a buffer of its own, and copies them together at its end. Here they are
 * read into one buffer that stays, and copied once, to where they belong. It also leaves Nagle's algorithm on, which
 * holds back a small request while another one is under way.
 * Mends: kafkajs/src/network/socketFactory.js, socket.js and connection.js. Upstream: no issue known.
 */
import { createRequire } from 'node:module'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { replaceModule } from './replace-module.ts'

interface Address {
  host: string
  port: number
  ssl: object | null
  onConnect(): void
}

interface SocketOptions extends Address {
  socketFactory(address: Address & { onData(chunk: Buffer): void }): Socket
  onData(chunk: Buffer): void
  onEnd(): void
  onError(error: Error): void
  onTimeout(): void
}

/** A response of which not all has come. */
interface Frame {
  readonly socket: Socket
  readonly length: Buffer
  body: Buffer | null
  /** Bytes that have come, of the length or of the body. */
  filled: number
}

interface Connection {
  readonly socket: Socket
  frame: Frame | null
  authHandlers: { onSuccess(response: Buffer): void } | null
  authExpectResponse: boolean
  requestQueue: {
    fulfillRequest(response: { size: number; correlationId: number; payload: Buffer }): void
  }
  processData(chunk: Buffer): void
}

const KEEP_ALIVE_DELAY_MS = 60_000
/** Most bytes of one read: a quarter of the system calls that Node makes by itself. */
const READ_BYTES = 256 * 1024
const INT32_BYTES = 4

/** Opens a connection. Its reads may come in a buffer that is used again: `onData` copies what it keeps. */
export function openSocket({
  socketFactory,
  onData,
  onEnd,
  onError,
  onTimeout,
  ...address
}: SocketOptions): Socket {
  const socket = socketFactory({ ...address, onData })
  socket.on('data', onData)
  socket.on('end', onEnd)
  socket.on('error', onError)
  socket.on('timeout', onTimeout)
  return socket
}

const socketFactory: SocketOptions['socketFactory'] = ({ host, port, ssl, onConnect, onData }) => {
  const socket = ssl ? openTls(host, port, ssl, onConnect) : openPlain(host, port, onConnect, onData)
  socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS)
  return socket.setNoDelay(true)
}

/** A socket that emits no data: it calls `onData`. */
function openPlain(
  host: string,
  port: number,
  onConnect: () => void,
  onData: (chunk: Buffer) => void,
): Socket {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  const callback = (bytes: number) => {
    onData(buffer.subarray(0, bytes))
    return true
  }
  return connect({ host, port, onread: { buffer, callback } }, onConnect)
}

function openTls(host: string, port: number, ssl: object, onConnect: () => void): Socket {
  const servername = isIP(host) ? {} : { servername: host }
  return connectTls({ host, port, ...servername, ...ssl }, onConnect)
}

/** Takes what came, and hands over each response that is whole. */
export function processData(this: Connection, chunk: Buffer): void {
  if (this.authHandlers && !this.authExpectResponse) {
    this.authHandlers.onSuccess(Buffer.from(chunk))
    return
  }
  for (let at = 0; at < chunk.length; ) {
    const frame = frameOf(this)
    const into = frame.body ?? frame.length
    const copied = chunk.copy(into, frame.filled, at)
    at += copied
    frame.filled += copied
    if (frame.filled < into.length) return
    if (frame.body === null) {
      frame.body = Buffer.allocUnsafeSlow(frame.length.readInt32BE())
      frame.filled = 0
    }
    if (frame.filled < frame.body.length) continue
    this.frame = null
    answer(this, frame.length, frame.body)
  }
}

/** What a socket that broke has begun is never ended. */
function frameOf(connection: Connection): Frame {
  const { socket, frame } = connection
  if (frame?.socket === socket) return frame
  connection.frame = { socket, length: Buffer.alloc(INT32_BYTES), body: null, filled: 0 }
  return connection.frame
}

function answer({ authHandlers, requestQueue }: Connection, length: Buffer, body: Buffer): void {
  if (authHandlers) authHandlers.onSuccess(Buffer.concat([length, body]))
  else
    requestQueue.fulfillRequest({
      size: body.length,
      correlationId: body.readInt32BE(),
      payload: body.subarray(INT32_BYTES),
    })
}

replaceModule('kafkajs/src/network/socketFactory', () => socketFactory)
replaceModule('kafkajs/src/network/socket', openSocket)
const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/connection') as {
  prototype: Connection
}
Object.assign(prototype, { processData })
