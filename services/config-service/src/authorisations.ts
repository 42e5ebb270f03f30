import { notFound } from '@backhaul/http'
import { refreshAccessToken, SpApiError, type TokenSource } from '@backhaul/sp-api'
import type { Database } from './adapters/database.ts'
import { decrypt, encrypt } from './adapters/secrets.ts'
import { refusal } from './errors.ts'

/** A token is renewed this long before it ends. */
const RENEW_BEFORE_MS = 5 * 60_000

export interface AccessTokenAnswer {
  readonly accessToken: string
  /** ISO instant. */
  readonly expiresAt: string
}

export interface Application {
  readonly clientId: string
  readonly clientSecret: string
  readonly amazonUrl: string | undefined
}

/** A stored authorisation. */
interface Row {
  readonly refresh_token: Buffer | null
  readonly authorised_at: Date | null
}

interface Cached {
  readonly token: Promise<AccessTokenAnswer>
  readonly until: number
  /** The authorisation that the token comes from: another one, perhaps stored by another instance, makes it void. */
  readonly authorisedAt: number
}

/** Sellers' authorisations. Refresh tokens are stored encrypted and never leave; services get access tokens. */
export class Authorisations {
  readonly #db: Database
  readonly #key: Buffer
  readonly #application: Application
  readonly #tokens = new Map<string, Cached>()

  constructor(db: Database, secretsKey: string, application: Application) {
    this.#db = db
    this.#key = Buffer.from(secretsKey, 'base64')
    this.#application = application
  }

  /**
   * Stores an authorisation; the integration is active then. Mapping and history stay, so the seller must be the same.
   *
   * @throws HttpFault 404, 409 `SELLER_FIXED`.
   */
  async store(tenantId: string, id: string, sellerId: string, refreshToken: string): Promise<void> {
    await this.#db.transaction(async (tx) => {
      const mine = { id, tenant_id: tenantId }
      const found = await tx('integrations').where(mine).forUpdate().first('seller_id')
      if (!found) throw notFound(`Integration ${id}`)
      if (found.seller_id !== null && found.seller_id !== sellerId) {
        const message = `Integration ${id} belongs to the seller ${found.seller_id}: make an integration of its own for ${sellerId}`
        throw refusal(409, 'SELLER_FIXED', message)
      }
      await tx('integrations')
        .where(mine)
        .update({
          seller_id: sellerId,
          refresh_token: encrypt(refreshToken, this.#key, id),
          authorised_at: tx.raw('clock_timestamp()'),
          state: 'active',
        })
    })
  }

  /**
   * An access token, cached; one renewal at a time for each integration.
   *
   * @throws HttpFault 404, 409 `NOT_AUTHORISED`; SpApiError `LWA_FAILED` (retryable) or `LWA_INVALID_CLIENT`.
   */
  async accessToken(id: string): Promise<AccessTokenAnswer> {
    const row = await this.#db.ask((db) =>
      db('integrations').where({ id }).first<Row | undefined>('refresh_token', 'authorised_at'),
    )
    if (!row) throw notFound(`Integration ${id}`)
    const { refresh_token: stored } = row
    if (!stored) throw notAuthorised(id, 'has no authorisation yet')
    const authorisedAt = row.authorised_at?.getTime() ?? 0
    const cached = this.#tokens.get(id)
    if (cached && cached.authorisedAt === authorisedAt && cached.until > Date.now()) return cached.token
    const token = this.#renew(id, stored)
    this.#tokens.set(id, { token, until: Number.POSITIVE_INFINITY, authorisedAt })
    try {
      const answer = await token
      const until = Date.parse(answer.expiresAt) - RENEW_BEFORE_MS
      if (this.#tokens.get(id)?.token === token) this.#tokens.set(id, { token, until, authorisedAt })
      return answer
    } catch (error) {
      if (this.#tokens.get(id)?.token === token) this.#tokens.delete(id)
      throw error
    }
  }

  /** The tokens of an integration, for calls that this service makes itself. */
  tokensOf(id: string): TokenSource {
    const get = async () => (await this.accessToken(id)).accessToken
    const renew = async (refused: string) => {
      if ((await get()) === refused) this.forget(id)
      return get()
    }
    return { get, renew }
  }

  /** Forgets a cached token that Amazon refused. */
  forget(id: string): void {
    this.#tokens.delete(id)
  }

  /** What it notes is about the authorisation that it used: one that was stored meanwhile is left alone. */
  async #renew(id: string, stored: Buffer): Promise<AccessTokenAnswer> {
    const used = { id, refresh_token: stored }
    const note = (noted: object) => this.#db.ask((db) => db('integrations').where(used).update(noted))
    const refreshToken = this.#decrypted(stored, id)
    try {
      const got = await refreshAccessToken({ ...this.#application, refreshToken })
      if (got.refreshToken && got.refreshToken !== refreshToken) {
        await note({ refresh_token: encrypt(got.refreshToken, this.#key, id) })
      }
      const expiresAt = new Date(Date.now() + got.expiresInSeconds * 1000).toISOString()
      return { accessToken: got.accessToken, expiresAt }
    } catch (error) {
      if (!(error instanceof SpApiError) || error.code !== 'LWA_INVALID_GRANT') throw error
      await note({ state: 'authorisation_ended' })
      throw notAuthorised(id, 'has lost its authorisation')
    }
  }

  #decrypted(stored: Buffer, id: string): string {
    try {
      return decrypt(stored, this.#key, id)
    } catch {
      throw notAuthorised(id, 'has an authorisation that SECRETS_KEY does not open (was the key changed?)')
    }
  }
}

const notAuthorised = (id: string, what: string) =>
  refusal(409, 'NOT_AUTHORISED', `Integration ${id} ${what}: authorise it at Amazon`)
