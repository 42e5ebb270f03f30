import { Fault } from '@backhaul/domain'

const TIMEOUT_MS = 20_000

/** The part of an integration that the fetcher needs. */
export interface Integration {
  readonly id: string
  readonly tenantId: string
  readonly version: number
  readonly state: 'unauthorised' | 'active' | 'authorisation_ended'
  readonly intervalHours: number
  readonly initialReportStartTime: string
  readonly mainMarketplace: string
  readonly region: 'na' | 'eu' | 'fe'
  readonly sellerId: string | null
  readonly marketplaces: readonly { readonly marketplaceId: string; readonly channelId: string }[]
}

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

  /** @param refused True when Amazon refused the token that was given last. */
  async accessToken(integrationId: string, refused = false): Promise<string> {
    const path = `/v1/internal/integrations/${encodeURIComponent(integrationId)}/access-token`
    return (await this.#ask<{ accessToken: string }>('POST', path, { refused })).accessToken
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
    throw new Fault(
      problem.code ?? 'CONFIG_SERVICE_UNAVAILABLE',
      problem.detail ?? `config-service answered ${answer.status}`,
      {
        retryable: answer.status >= 500,
      },
    )
  }
}
