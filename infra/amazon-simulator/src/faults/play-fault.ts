import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import type { ReceivedCall } from '../calls.ts'
import { amazonError, DENIED, QUOTA } from '../routes/amazon-error.ts'
import type { Fault } from './fault.ts'

/** How long slow answers take unless the fault says otherwise. */
const SLOW_MS = 2_000
const HTML = '<html><body><h1>503 Service Unavailable</h1></body></html>'
const TOKEN_EXPIRED = 'The access token you provided has expired.'
const FAILURE = 'We encountered an internal error. Please try again.'

export const waitFor = ({ ms = SLOW_MS }: Pick<Fault, 'ms'>): Promise<void> =>
  sleep(ms, undefined, { ref: false })

/** The body, with the status set, of a fault that keeps the call from taking effect; null for any other fault. */
export function refusalBy({ kind }: Fault, reply: FastifyReply): object | string | null {
  switch (kind) {
    case 'throttle':
    case 'throttle-with-rate':
      return amazonError(reply, 429, 'QuotaExceeded', QUOTA)
    case 'failure':
      return amazonError(reply, 500, 'InternalFailure', FAILURE)
    case 'html':
      reply.code(503).type('text/html')
      return HTML
    case 'denied':
      return amazonError(reply, 403, 'Unauthorized', DENIED)
    case 'token-expired':
      return amazonError(reply, 403, 'Unauthorized', DENIED, TOKEN_EXPIRED)
    default:
      return null
  }
}

/** Cuts the connection without an answer. */
export function cutOff(call: ReceivedCall, reply: FastifyReply): FastifyReply {
  call.outcome = 'cut'
  reply.hijack()
  reply.raw.destroy()
  return reply
}

/** Sends half of an answer, then cuts the connection. */
export function cutHalfWay(call: ReceivedCall, reply: FastifyReply, body: string): FastifyReply {
  call.outcome = 'cut'
  call.status = reply.statusCode
  reply.hijack()
  reply.raw.writeHead(reply.statusCode, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  })
  reply.raw.write(body.slice(0, body.length / 2), () => reply.raw.destroy())
  return reply
}
