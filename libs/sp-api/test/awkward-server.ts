import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Answering = (request: IncomingMessage, response: ServerResponse) => unknown

/** A server that answers as badly as a test wants. */
export async function awkwardServer() {
  const state = {
    answer: (() => {}) as Answering,
    received: [] as { path: string; headers: IncomingMessage['headers'] }[],
  }
  const server = createServer((request, response) => {
    state.received.push({ path: request.url ?? '', headers: request.headers })
    void state.answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Sets how all further requests are answered. */
    answers(answer: Answering) {
      state.answer = answer
      state.received = []
    },
    /** Answers with JSON, one after the other; the last one again and again. */
    answersInTurn(...answers: { status?: number; headers?: Record<string, string>; body?: unknown }[]) {
      this.answers((_, response) => {
        const { status = 200, headers = {}, body } = (answers.length > 1 ? answers.shift() : answers[0]) ?? {}
        response.writeHead(status, { 'x-amzn-RequestId': 'request-1', ...headers })
        response.end(typeof body === 'string' ? body : JSON.stringify(body))
      })
    },
    get received() {
      return state.received
    },
    stop() {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

export type AwkwardServer = Awaited<ReturnType<typeof awkwardServer>>

/** What a call came to: its code, or `done`. */
export const outcomeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error) => error.code ?? error.name,
  )
