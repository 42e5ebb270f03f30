import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import { outcomeOfStatus, type ReceivedCall } from '../calls.ts'
import type { Fault } from './fault.ts'
import { cutOff, refusalBy, waitFor } from './play-fault.ts'

interface Download {
  readonly call: ReceivedCall
  readonly reply: FastifyReply
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Buffer
}

/** Parts that a trickling document comes in. */
const TRICKLED_PARTS = 20

/** Sends a document as a fault wants it: broken off, too short, late or not at all. */
export async function playDownload(fault: Fault, download: Download): Promise<FastifyReply> {
  const { call, reply, headers, bytes } = download
  call.outcome = 'faulty'
  call.status = 200
  const half = bytes.subarray(0, Math.floor(bytes.length / 2))
  const raw = () => {
    reply.hijack()
    reply.raw.writeHead(200, { ...headers, 'content-length': bytes.length })
    return reply.raw
  }
  switch (fault.kind) {
    case 'cut-before':
      return cutOff(call, reply)
    case 'reset': {
      const answer = raw()
      answer.write(half, () => setImmediate(() => answer.socket?.resetAndDestroy()))
      return reply
    }
    case 'short': {
      const answer = raw()
      answer.write(half, () => answer.socket?.end())
      return reply
    }
    case 'truncated':
      return reply.headers(headers).send(half)
    case 'stalled': {
      const answer = raw()
      answer.write(half)
      await waitFor(fault)
      answer.destroy()
      return reply
    }
    case 'trickle':
      await trickle(raw(), bytes, fault)
      return reply
    case 'slow':
      await waitFor(fault)
      return reply.headers(headers).send(bytes)
    default: {
      const refusal = refusalBy(fault, reply)
      call.status = reply.statusCode
      call.outcome = outcomeOfStatus(call.status)
      return refusal === null ? reply.headers(headers).send(bytes) : reply.send(refusal)
    }
  }
}

async function trickle(answer: FastifyReply['raw'], bytes: Buffer, { ms = 2_000 }: Fault): Promise<void> {
  const part = Math.ceil(bytes.length / TRICKLED_PARTS)
  for (let at = 0; at < bytes.length && !answer.destroyed; at += part) {
    answer.write(bytes.subarray(at, at + part))
    await sleep(ms / TRICKLED_PARTS)
  }
  answer.end()
}
