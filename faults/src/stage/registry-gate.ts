import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** The registry as a reconciler reaches it: it can be shut, as a registry that is down. */
export interface RegistryGate {
  readonly url: string
  /** Cuts every question off, until `open`. @returns Resolves once a question was cut off. */
  shut(): Promise<void>
  open(): void
  close(): Promise<void>
}

/** @param registry URL of the real one. */
export async function startRegistryGate(registry: string): Promise<RegistryGate> {
  const { origin, pathname } = new URL(registry)
  let refused: PromiseWithResolvers<void> | null = null
  const server = createServer(async (request, response) => {
    if (refused) {
      refused.resolve()
      request.socket.destroy()
      return
    }
    try {
      const body = await buffer(request)
      const answer = await fetch(origin + request.url, {
        method: request.method as string,
        headers: { 'content-type': request.headers['content-type'] ?? 'application/json' },
        ...(body.length > 0 && { body }),
      })
      const type = answer.headers.get('content-type') ?? 'application/json'
      response.writeHead(answer.status, { 'content-type': type }).end(await answer.text())
    } catch {
      request.socket.destroy()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    shut() {
      refused = Promise.withResolvers()
      return refused.promise
    },
    open() {
      refused = null
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
