import { randomUUID } from 'node:crypto'
import { type Caller, type Scope, scopes } from '@backhaul/http'
import type { Knex } from 'knex'
import { hashKey } from './adapters/secrets.ts'

const TENANT_SCOPES: readonly Scope[] = scopes.filter((scope) => scope !== 'tokens:issue')
const SERVICE_SCOPES: readonly Scope[] = ['config:read', 'tokens:issue']

/** API keys; only their hashes are stored. */
export class ApiKeys {
  readonly #db: Knex
  readonly #pepper: string

  constructor(db: Knex, pepper: string) {
    this.#db = db
    this.#pepper = pepper
  }

  /** Makes sure that a tenant's full key, or the services' key (tenant `*`), exists. */
  async ensure(apiKey: string, tenantId: string): Promise<void> {
    await this.#db('api_keys')
      .insert({
        hash: hashKey(apiKey, this.#pepper),
        key_id: `key_${randomUUID()}`,
        tenant_id: tenantId,
        scopes: tenantId === '*' ? SERVICE_SCOPES : TENANT_SCOPES,
      })
      .onConflict('hash')
      .merge(['tenant_id', 'scopes'])
  }

  /** Whose key it is; null when nobody's. */
  verify = async (apiKey: string): Promise<Caller | null> => {
    const row = await this.#db('api_keys')
      .where({ hash: hashKey(apiKey, this.#pepper) })
      .first('key_id', 'tenant_id', 'scopes')
    return row ? { keyId: row.key_id, tenantId: row.tenant_id, scopes: row.scopes } : null
  }
}
