import { Fault, type ImportConfig } from '@backhaul/domain'

const TIMEOUT_MS = 5_000
/** How long a version or channel that config-service does not know is not asked for again. */
const UNKNOWN_FOR_MS = 60_000

type Channels = ImportConfig['channels']

const NO_CHANNELS: Channels = []

/** Immutable settings versions and channels' names, read from config-service once and kept for ever. */
export class Settings {
  readonly #url: string
  readonly #apiKey: string
  readonly #now: () => number
  /** By integration and version. */
  readonly #versions = new Map<string, Map<number, ImportConfig>>()
  /** By tenant: the channels of all versions read, and those read one by one. */
  readonly #channels = new Map<string, Channels>()
  readonly #unknownUntil = new Map<string, number>()

  constructor(url: string, apiKey: string, now: () => number = Date.now) {
    this.#url = url.replace(/\/$/, '')
    this.#apiKey = apiKey
    this.#now = now
  }

  /**
   * A version that was loaded, with every channel of the tenant that is known by now.
   *
   * @throws Fault `CONFIG_VERSION_UNKNOWN`: config-service has no such version, what names it is bad data.
   */
  get(tenantId: string, integrationId: string, version: number): ImportConfig {
    const versions = this.#versions.get(integrationId)
    const config = versions?.get(version)
    if (!versions || !config) {
      const message = `Integration ${integrationId} has no settings version ${version}`
      throw new Fault('CONFIG_VERSION_UNKNOWN', message)
    }
    const channels = this.#channels.get(tenantId) ?? NO_CHANNELS
    if (config.channels === channels) return config
    const current = { ...config, channels }
    versions.set(version, current)
    return current
  }

  /**
   * Reads a version unless it is known, or known not to be.
   *
   * @returns Null where nothing is to be read.
   * @throws Fault `CONFIG_SERVICE_UNAVAILABLE`, retryable.
   */
  load(tenantId: string, integrationId: string, version: number): Promise<void> | null {
    if (this.#versions.get(integrationId)?.has(version)) return null
    if (this.#isUnknown(`${integrationId}/${version}`)) return null
    return this.#readVersion(tenantId, integrationId, version)
  }

  async #readVersion(tenantId: string, integrationId: string, version: number): Promise<void> {
    const path = `/v1/integrations/${encodeURIComponent(integrationId)}/versions/${version}`
    const config = await this.#read<ImportConfig>(path)
    if (config === null) {
      this.#unknownUntil.set(`${integrationId}/${version}`, this.#now() + UNKNOWN_FOR_MS)
      return
    }
    const versions = this.#versions.get(integrationId) ?? new Map<number, ImportConfig>()
    this.#versions.set(integrationId, versions.set(version, config))
    this.#learn(tenantId, config.channels)
  }

  /**
   * Reads the name of a channel unless it is known: one that was made after the version of a row. A channel that nobody made
   * is called by its id.
   *
   * @returns Null where nothing is to be read.
   * @throws Fault `CONFIG_SERVICE_UNAVAILABLE`, retryable.
   */
  loadChannel(tenantId: string, channelId: string): Promise<void> | null {
    if (this.#channels.get(tenantId)?.some((channel) => channel.id === channelId)) return null
    const key = `${tenantId}/${channelId}`
    if (this.#isUnknown(key)) return null
    return this.#readChannel(tenantId, channelId, key)
  }

  async #readChannel(tenantId: string, channelId: string, key: string): Promise<void> {
    const tenant = `/v1/internal/tenants/${encodeURIComponent(tenantId)}`
    const channel = await this.#read<Channels[number]>(`${tenant}/channels/${encodeURIComponent(channelId)}`)
    if (channel) this.#learn(tenantId, [channel])
    else this.#unknownUntil.set(key, this.#now() + UNKNOWN_FOR_MS)
  }

  #isUnknown = (key: string): boolean => (this.#unknownUntil.get(key) ?? 0) > this.#now()

  #learn(tenantId: string, channels: Channels): void {
    const known = this.#channels.get(tenantId) ?? []
    const fresh = channels.filter(({ id }) => !known.some((channel) => channel.id === id))
    if (fresh.length > 0) this.#channels.set(tenantId, [...known, ...fresh])
  }

  /** Null where config-service knows no such thing. Any server may say 404; only config-service says it in these words. */
  async #read<T>(path: string): Promise<T | null> {
    const { status, body } = await this.#get(path)
    if (status === 404 && (body as { code?: string }).code === 'NOT_FOUND') return null
    if (status !== 200) throw unavailable(`config-service answered ${status} to ${path}`)
    return body as T
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
