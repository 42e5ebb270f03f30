import { HttpFault, notFound } from '@backhaul/http'
import { refreshAccessToken, SpApiError } from '@backhaul/sp-api'
import type { Knex } from 'knex'
import { decrypt, encrypt } from './adapters/secrets.ts'

/** A token is renewed this long before it ends. */
const RENEW_BEFORE_MS = 5 * 60_000

export interface AccessTokenAnswer {
  readonly accessToken: string
  readonly expiresAt: string
}

export interface Application {
  readonly clientId: string
  readonly clientSecret: string
  readonly amazonUrl: string | undefined
}

/** Sellers' authorisations. Refresh tokens are stored encrypted and never leave; services get access tokens. */
export class Authorisations {
  readonly #db: Knex
  readonly #key: Buffer
  readonly #application: Application
  readonly #tokens = new Map<string, { token: Promise<AccessTokenAnswer>; until: number }>()

  constructor(db: Knex, secretsKey: string, application: Application) {
    this.#db = db
    this.#key = Buffer.from(secretsKey, 'base64')
    this.#application = application
  }

  /** Stores an authorisation; the integration is active then. Mapping and history stay. */
  async store(tenantId: string, id: string, sellerId: string, refreshToken: string): Promise<void> {
    const updated = await this.#db('integrations')
      .where({ id, tenant_id: tenantId })
      .update({
        seller_id: sellerId,
        refresh_token: encrypt(refreshToken, this.#key, id),
        authorised_at: this.#db.fn.now(),
        state: 'active',
      })
    if (updated === 0) throw notFound(`Integration ${id}`)
    this.#tokens.delete(id)
  }

  /**
   * An access token, cached; one renewal at a time for each integration.
   *
   * @throws HttpFault 409 `NOT_AUTHORISED`; SpApiError when Amazon does not answer (retryable).
   */
  async accessToken(id: string): Promise<AccessTokenAnswer> {
    const cached = this.#tokens.get(id)
    if (cached && cached.until > Date.now()) return cached.token
    const token = this.#renew(id)
    this.#tokens.set(id, { token, until: Number.POSITIVE_INFINITY })
    try {
      const answer = await token
      this.#tokens.set(id, { token, until: Date.parse(answer.expiresAt) - RENEW_BEFORE_MS })
      return answer
    } catch (error) {
      this.#tokens.delete(id)
      throw error
    }
  }

  /** Forgets a cached token that Amazon refused. */
  forget(id: string): void {
    this.#tokens.delete(id)
  }

  async #renew(id: string): Promise<AccessTokenAnswer> {
    const row = await this.#db('integrations').where({ id }).first('refresh_token')
    if (!row) throw notFound(`Integration ${id}`)
    if (!row.refresh_token) throw notAuthorised(id, 'has no authorisation yet')
    try {
      const got = await refreshAccessToken({
        ...this.#application,
        refreshToken: decrypt(row.refresh_token, this.#key, id),
      })
      if (got.refreshToken) {
        await this.#db('integrations')
          .where({ id })
          .update({ refresh_token: encrypt(got.refreshToken, this.#key, id) })
      }
      const expiresAt = new Date(Date.now() + got.expiresInSeconds * 1000).toISOString()
      return { accessToken: got.accessToken, expiresAt }
    } catch (error) {
      if (!(error instanceof SpApiError) || error.code !== 'LWA_INVALID_GRANT') throw error
      await this.#db('integrations').where({ id }).update({ state: 'authorisation_ended' })
      throw notAuthorised(id, 'has lost its authorisation')
    }
  }
}

const notAuthorised = (id: string, what: string) =>
  new HttpFault(409, 'NOT_AUTHORISED', `Integration ${id} ${what}: authorise it at Amazon`)
