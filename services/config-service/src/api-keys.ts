import { randomUUID } from 'node:crypto'
import { type Caller, type Scope, scopes } from '@backhaul/http'
import type { Database } from './adapters/database.ts'
import { hashKey } from './adapters/secrets.ts'

const TENANT_SCOPES: readonly Scope[] = scopes.filter((scope) => scope !== 'tokens:issue')
const SERVICE_SCOPES: readonly Scope[] = ['config:read', 'tokens:issue']

/** API keys; only their hashes are stored. All throw Fault `POSTGRES_UNAVAILABLE`, retryable. */
export class ApiKeys {
  readonly #db: Database
  readonly #pepper: string

  constructor(db: Database, pepper: string) {
    this.#db = db
    this.#pepper = pepper
  }

  /** Makes sure that a tenant's full key, or the services' key (tenant `*`), exists. */
  async ensure(apiKey: string, tenantId: string): Promise<void> {
    const row = {
      hash: hashKey(apiKey, this.#pepper),
      key_id: `key_${randomUUID()}`,
      tenant_id: tenantId,
      scopes: tenantId === '*' ? SERVICE_SCOPES : TENANT_SCOPES,
    }
    await this.#db.ask((db) => db('api_keys').insert(row).onConflict('hash').merge(['tenant_id', 'scopes']))
  }

  /** Whose key it is; null when nobody's. */
  verify = async (apiKey: string): Promise<Caller | null> => {
    const hash = hashKey(apiKey, this.#pepper)
    const row = await this.#db.ask((db) =>
      db('api_keys').where({ hash }).first('key_id', 'tenant_id', 'scopes'),
    )
    return row ? { keyId: row.key_id, tenantId: row.tenant_id, scopes: row.scopes } : null
  }
}
