import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import type { Health } from './health.ts'
import type { Metrics } from './metrics.ts'
import { probes } from './probes.ts'

/** Longer than a load balancer keeps an idle connection, so that it is never the server who hangs up. As in Fastify. */
const KEEP_ALIVE_MS = 72_000

/** The one port of a service: it answers the probes while the service still starts. */
export interface FrontDoor {
  readonly url: string
  /** Lets requests through to the service. */
  open(service: RequestListener): void
  close(): Promise<void>
}

/** Listens at once. Until `open`, the probes answer and everything else gets 503. */
export async function openFrontDoor(
  { HTTP_HOST: host, HTTP_PORT: port }: { HTTP_HOST: string; HTTP_PORT: number },
  { name, health, metrics }: { name: string; health: Health; metrics: Metrics },
): Promise<FrontDoor> {
  const starting = Fastify()
  await starting.register(probes, { health, metrics })
  starting.setNotFoundHandler((_request, reply) =>
    reply
      .code(503)
      .type('application/problem+json')
      .send({
        type: 'about:blank',
        title: 'Not available now',
        status: 503,
        code: 'STARTING',
        detail: `${name} is starting; /ready says what it waits for`,
      }),
  )
  await starting.ready()
  let answer: RequestListener = starting.routing
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) =>
    answer(request, response),
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, resolve)
  })
  const address = server.address() as AddressInfo
  const named = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return {
    url: `http://${named}:${address.port}`,
    open(service) {
      answer = service
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
