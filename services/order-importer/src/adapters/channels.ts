import { Fault } from '@backhaul/domain'

const KNOWN_FOR_MS = 30_000
const TIMEOUT_MS = 5_000

/** The sales channels of a tenant, from config-service, asked for with the caller's own key. */
export class Channels {
  readonly #url: string
  readonly #known = new Map<string, { until: number; ids: ReadonlySet<string> }>()

  constructor(url: string) {
    this.#url = url.replace(/\/$/, '')
  }

  /** @returns Ids that do not exist. A channel made just now is found: unknown ids are asked for again. */
  async unknown(tenantId: string, authorization: string, wanted: readonly string[]): Promise<string[]> {
    const missingIn = (ids: ReadonlySet<string>) => [...new Set(wanted)].filter((id) => !ids.has(id))
    const cached = this.#known.get(tenantId)
    if (cached && cached.until > Date.now() && missingIn(cached.ids).length === 0) return []
    const ids = await this.#read(authorization)
    this.#known.set(tenantId, { until: Date.now() + KNOWN_FOR_MS, ids })
    return missingIn(ids)
  }

  async #read(authorization: string): Promise<ReadonlySet<string>> {
    try {
      const answer = await fetch(`${this.#url}/v1/channels`, {
        headers: { authorization },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      if (!answer.ok) throw new Error(`config-service answered ${answer.status}`)
      const channels = (await answer.json()) as { id: string }[]
      return new Set(channels.map((c) => c.id))
    } catch (cause) {
      throw new Fault('CONFIG_SERVICE_UNAVAILABLE', 'Channels cannot be checked now', {
        retryable: true,
        cause,
      })
    }
  }
}
