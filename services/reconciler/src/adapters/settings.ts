import { Fault, type ImportConfig } from '@backhaul/domain'

const TIMEOUT_MS = 5_000

/** Immutable settings versions, read from config-service once and kept for ever. */
export class Settings {
  readonly #url: string
  readonly #apiKey: string
  readonly #known = new Map<string, ImportConfig>()

  constructor(url: string, apiKey: string) {
    this.#url = url.replace(/\/$/, '')
    this.#apiKey = apiKey
  }

  /** A version that `load` has read. */
  get(integrationId: string, version: number): ImportConfig {
    const config = this.#known.get(`${integrationId}/${version}`)
    if (!config) throw new Error(`settings ${integrationId}/${version} were not loaded`)
    return config
  }

  /**
   * Reads a version unless it is known.
   *
   * @throws Fault `CONFIG_SERVICE_UNAVAILABLE`, retryable; `CONFIG_VERSION_UNKNOWN`: bad data.
   */
  async load(integrationId: string, version: number): Promise<void> {
    const key = `${integrationId}/${version}`
    if (this.#known.has(key)) return
    const path = `/v1/integrations/${encodeURIComponent(integrationId)}/versions/${version}`
    const { status, body } = await this.#get(path)
    // Any server may say 404; only config-service says it in these words.
    if (status === 404 && (body as { code?: string }).code === 'NOT_FOUND') {
      throw new Fault(
        'CONFIG_VERSION_UNKNOWN',
        `Integration ${integrationId} has no settings version ${version}`,
      )
    }
    if (status !== 200) throw unavailable(`config-service answered ${status} to ${path}`)
    this.#known.set(key, body as ImportConfig)
  }

  async #get(path: string): Promise<{ status: number; body: unknown }> {
    try {
      const answer = await fetch(this.#url + path, {
        headers: { authorization: `Bearer ${this.#apiKey}` },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      return { status: answer.status, body: await answer.json() }
    } catch (cause) {
      throw unavailable(`config-service does not answer at ${this.#url}`, cause)
    }
  }
}

const unavailable = (message: string, cause?: unknown) =>
  new Fault('CONFIG_SERVICE_UNAVAILABLE', message, { retryable: true, cause })
