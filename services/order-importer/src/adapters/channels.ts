import { Fault } from '@backhaul/domain'
import type { ErrorCode } from '../errors.ts'

const KNOWN_FOR_MS = 30_000
const TIMEOUT_MS = 5_000
/** Tenants whose channels are kept in memory. */
const MOST_TENANTS = 10_000

/** The sales channels in use of each tenant, from config-service. */
export class Channels {
  readonly #url: string
  readonly #apiKey: string
  readonly #now: () => number
  readonly #known = new Map<string, { until: number; ids: ReadonlySet<string> }>()

  constructor(url: string, apiKey: string, now: () => number) {
    this.#url = url.replace(/\/$/, '')
    this.#apiKey = apiKey
    this.#now = now
  }

  /**
   * Which of these ids are no channels of the tenant. One made just now is found, as unknown ids are asked for again; one
   * deleted less than 30 s ago may still pass.
   *
   * @throws Fault `CONFIG_SERVICE_UNAVAILABLE`, retryable.
   */
  async unknown(tenantId: string, wanted: readonly string[]): Promise<ReadonlySet<string>> {
    const missingIn = (ids: ReadonlySet<string>) => new Set(wanted.filter((id) => !ids.has(id)))
    const cached = this.#known.get(tenantId)
    if (cached && cached.until > this.#now() && missingIn(cached.ids).size === 0) return new Set()
    const ids = await this.#read(tenantId)
    if (this.#known.size >= MOST_TENANTS) this.#known.clear()
    this.#known.set(tenantId, { until: this.#now() + KNOWN_FOR_MS, ids })
    return missingIn(ids)
  }

  async #read(tenantId: string): Promise<ReadonlySet<string>> {
    const path = `/v1/internal/tenants/${encodeURIComponent(tenantId)}/channels`
    try {
      const answer = await fetch(this.#url + path, {
        headers: { authorization: `Bearer ${this.#apiKey}` },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      if (!answer.ok) throw new Error(`config-service answered ${answer.status} to ${path}`)
      const channels = (await answer.json()) as { id: string }[]
      return new Set(channels.map((c) => c.id))
    } catch (cause) {
      const code: ErrorCode = 'CONFIG_SERVICE_UNAVAILABLE'
      throw new Fault(code, 'Channels cannot be checked now: nothing was taken', { retryable: true, cause })
    }
  }
}
