import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Integration } from '../src/adapters/settings.ts'
import type { Simulation } from './fetcher.ts'

const HOUR_MS = 3_600_000

/** Plays config-service: integrations, access tokens, API keys. An API key is the name of its tenant. */
export class ConfigServiceStub {
  integrations: Integration[] = []
  /** True answers every call with 503. */
  down = false
  /** Integrations without an authorisation: their token is refused. */
  readonly unauthorised = new Set<string>()
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  readonly #amazon: Simulation

  constructor(amazon: Simulation) {
    this.#amazon = amazon
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = JSON.parse((await Array.fromAsync(request)).join('') || '{}')
    const send = (status: number, value: object) => response.writeHead(status).end(JSON.stringify(value))
    if (this.down) return void send(503, { code: 'UNAVAILABLE', detail: 'config-service is being restarted' })
    if (request.url === '/v1/internal/integrations') return void send(200, this.integrations)
    if (request.url === '/v1/internal/api-keys/verify') {
      const scopes = ['imports:write', 'reports:read']
      const known = body.apiKey !== 'unknown'
      return void (known ? send(200, { keyId: 'k', tenantId: body.apiKey, scopes }) : send(404, {}))
    }
    const integrationId = /integrations\/([^/]+)\/access-token$/.exec(request.url ?? '')?.[1] ?? ''
    if (this.unauthorised.has(integrationId))
      return void send(409, {
        code: 'NOT_AUTHORISED',
        detail: `Integration ${integrationId} is not authorised`,
      })
    const accessToken = `Atza|${randomUUID()}`
    const until = Date.now() + HOUR_MS
    this.#amazon.accessTokens.set(accessToken, until)
    send(200, { accessToken, expiresAt: new Date(until).toISOString() })
  }
}
