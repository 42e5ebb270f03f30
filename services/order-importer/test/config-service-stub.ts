import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Plays config-service: channels and API keys. An API key is the name of its tenant; the key `reader` may not write. */
export class ConfigServiceStub {
  /** Ids of channels by tenant. */
  channels: Record<string, string[]> = {}
  /** True answers every call with 503. */
  down = false
  readonly #server = createServer(async (request, response) => {
    const body = JSON.parse((await Array.fromAsync(request)).join('') || '{}')
    const send = (status: number, value: object) => response.writeHead(status).end(JSON.stringify(value))
    if (this.down) return void send(503, {})
    if (request.url === '/v1/internal/api-keys/verify') {
      const scopes = body.apiKey === 'reader' ? ['config:read'] : ['orders:write']
      return void (body.apiKey === 'nobody'
        ? send(404, {})
        : send(200, { keyId: 'k', tenantId: body.apiKey, scopes }))
    }
    const tenantId = /^\/v1\/internal\/tenants\/([^/]+)\/channels$/.exec(request.url ?? '')?.[1] ?? ''
    send(
      200,
      (this.channels[tenantId] ?? []).map((id) => ({ id, name: id })),
    )
  })

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
}
