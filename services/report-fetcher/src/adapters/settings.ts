import { Fault } from '@backhaul/domain'
import type { IssuedToken } from '@backhaul/sp-api'

const TIMEOUT_MS = 20_000

/** The part of an integration that the fetcher needs. */
export interface Integration {
  readonly id: string
  readonly tenantId: string
  readonly version: number
  readonly state: 'unauthorised' | 'active' | 'authorisation_ended'
  readonly intervalHours: number
  /** False: nothing is read by itself. */
  readonly automaticImport: boolean
  readonly initialReportStartTime: string
  readonly mainMarketplace: string
  readonly region: 'na' | 'eu' | 'fe'
  readonly sellerId: string | null
  readonly marketplaces: readonly { readonly marketplaceId: string; readonly channelId: string }[]
}

/** One whose seller is known. */
export interface Authorised extends Integration {
  readonly sellerId: string
}

/** Whether a seller is known: without one, rows have no identity. */
export const isAuthorised = (integration: Integration): integration is Authorised =>
  integration.sellerId !== null

/** Integrations and access tokens, from config-service. */
export class Settings {
  readonly #url: string
  readonly #apiKey: string

  constructor(url: string, apiKey: string) {
    this.#url = url.replace(/\/$/, '')
    this.#apiKey = apiKey
  }

  integrations(): Promise<Integration[]> {
    return this.#ask('GET', '/v1/internal/integrations')
  }

  /** Seller accounts of a tenant. */
  async sellersOf(tenantId: string): Promise<ReadonlySet<string>> {
    const own = (await this.integrations()).filter((i) => i.tenantId === tenantId).filter(isAuthorised)
    return new Set(own.map((i) => i.sellerId))
  }

  /**
   * @param refused True when Amazon refused the token that was given last.
   * @throws Fault `ACCESS_TOKEN_REFUSED`: a person has to authorise; `LWA_FAILED`, `CONFIG_SERVICE_UNAVAILABLE`, retryable.
   */
  async accessToken(integrationId: string, refused: boolean): Promise<IssuedToken> {
    const path = `/v1/internal/integrations/${encodeURIComponent(integrationId)}/access-token`
    const { accessToken, expiresAt } = await this.#ask<{ accessToken: string; expiresAt: string }>(
      'POST',
      path,
      {
        refused,
      },
    )
    return { accessToken, expiresAt: Date.parse(expiresAt) }
  }

  async #ask<T>(method: string, path: string, body?: object): Promise<T> {
    let answer: Response
    try {
      answer = await fetch(this.#url + path, {
        method,
        headers: {
          authorization: `Bearer ${this.#apiKey}`,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
    } catch (cause) {
      throw new Fault('CONFIG_SERVICE_UNAVAILABLE', 'config-service does not answer', {
        retryable: true,
        cause,
      })
    }
    if (answer.ok) return (await answer.json()) as T
    const problem = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string }
    const told = problem.detail ?? `config-service answered ${answer.status}`
    if (answer.status >= 500) {
      const code = problem.code === 'LWA_FAILED' ? 'LWA_FAILED' : 'CONFIG_SERVICE_UNAVAILABLE'
      throw new Fault(code, told, { retryable: true })
    }
    const ours = answer.status === 401 || answer.status === 403
    throw new Fault(ours ? 'CONFIG_SERVICE_REFUSED' : 'ACCESS_TOKEN_REFUSED', told)
  }
}
