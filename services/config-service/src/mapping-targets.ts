import { randomUUID } from 'node:crypto'
import { notFound } from '@backhaul/http'
import type { Knex } from 'knex'
import type { Database } from './adapters/database.ts'
import { type Creator, once } from './creations.ts'
import { type ErrorCode, refusal } from './errors.ts'

/** Most entries of a list that a tenant may have: lists are answered whole. */
const MOST_TARGETS = 1_000
const UNIQUE_VIOLATION = '23505'

/** How channels and return reasons differ. */
interface Kind {
  readonly noun: string
  readonly table: 'channels' | 'return_reasons'
  readonly idPrefix: string
  /** Columns that a caller gives; the first one tells entries in use apart. */
  readonly columns: readonly [string, ...string[]]
  /** Where the settings of an integration name an entry. */
  readonly mapping: { readonly list: 'marketplaces' | 'reasons'; readonly by: string }
  readonly unknown: ErrorCode
  readonly inUse: ErrorCode
}

/** One entry. Its id and its words never change; a deleted one is still known by its id. */
export interface Target {
  readonly id: string
  readonly name: string
  readonly createdAt: string
  readonly deletedAt: string | null
}

export type Channel = Target
export interface ReturnReason extends Target {
  readonly code: string
}

/** What mappings point to: a tenant's sales channels, or its return reasons. */
export class MappingTargets<T extends Target> {
  readonly #db: Database
  readonly #kind: Kind

  private constructor(db: Database, kind: Kind) {
    this.#db = db
    this.#kind = kind
  }

  static channels = (db: Database) =>
    new MappingTargets<Channel>(db, {
      noun: 'Channel',
      table: 'channels',
      idPrefix: 'ch',
      columns: ['name'],
      mapping: { list: 'marketplaces', by: 'channelId' },
      unknown: 'CHANNEL_UNKNOWN',
      inUse: 'CHANNEL_IN_USE',
    })

  static returnReasons = (db: Database) =>
    new MappingTargets<ReturnReason>(db, {
      noun: 'Return reason',
      table: 'return_reasons',
      idPrefix: 'rr',
      columns: ['code', 'name'],
      mapping: { list: 'reasons', by: 'returnReasonId' },
      unknown: 'RETURN_REASON_UNKNOWN',
      inUse: 'RETURN_REASON_IN_USE',
    })

  /** @throws HttpFault 409 `NAME_TAKEN` or `LIMIT_REACHED`, 422 `KEY_REUSED`. */
  create(creator: Creator, given: Omit<T, keyof Target> & Pick<Target, 'name'>): Promise<T> {
    const { noun, table, idPrefix, columns } = this.#kind
    const { tenantId } = creator
    return this.#db.transaction((tx) =>
      once(tx, creator, { table, ...given }, async () => {
        const others = await tx(table).where({ tenant_id: tenantId, deleted_at: null }).pluck('id')
        if (others.length >= MOST_TARGETS) {
          const message = `There are ${MOST_TARGETS} already, the most there may be: delete one first`
          throw refusal(409, 'LIMIT_REACHED', message)
        }
        try {
          const row = { id: `${idPrefix}_${randomUUID()}`, tenant_id: tenantId, ...given }
          const [saved] = await tx(table).insert(row).returning('*')
          return this.#toTarget(saved)
        } catch (error) {
          if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error
          const label = (given as Record<string, string>)[columns[0]]
          throw refusal(409, 'NAME_TAKEN', `${noun} ${label} exists already: choose another ${columns[0]}`)
        }
      }),
    )
  }

  /** Those in use, by name or code. */
  async list(tenantId: string): Promise<T[]> {
    const { table, columns } = this.#kind
    const rows = await this.#db.ask((db) =>
      db(table).where({ tenant_id: tenantId, deleted_at: null }).orderBy(columns[0]),
    )
    return rows.map(this.#toTarget)
  }

  /** Deleted ones too: returns and orders keep naming them. @throws HttpFault 404. */
  async get(tenantId: string, id: string): Promise<T> {
    const { noun, table } = this.#kind
    const row = await this.#db.ask((db) => db(table).where({ id, tenant_id: tenantId }).first())
    if (!row) throw notFound(`${noun} ${id}`)
    return this.#toTarget(row)
  }

  /** @throws HttpFault 404; 409 with the names of integrations that map to it. */
  async delete(tenantId: string, id: string): Promise<void> {
    const { noun, table, columns, mapping, inUse } = this.#kind
    await this.#db.transaction(async (tx) => {
      const found = await tx(table).where({ id, tenant_id: tenantId, deleted_at: null }).forUpdate().first()
      if (!found) throw notFound(`${noun} ${id}`)
      const users = await tx('integrations as i')
        .join('integration_versions as v', (on) =>
          on.on('v.integration_id', 'i.id').andOn('v.version', 'i.version'),
        )
        .where('i.tenant_id', tenantId)
        .whereRaw('v.settings -> ? @> ?::jsonb', [mapping.list, JSON.stringify([{ [mapping.by]: id }])])
        .select(tx.raw("v.settings ->> 'name' AS name"))
      if (users.length > 0) {
        const names = users.map((user) => user.name).join(', ')
        const message = `${noun} ${found[columns[0]]} is mapped in ${names}: change those mappings first`
        throw refusal(409, inUse, message)
      }
      await tx(table).where({ id }).update({ deleted_at: tx.fn.now() })
    })
  }

  /** Keeps entries from being deleted until the transaction ends. @throws HttpFault 422 that names those not in use. */
  async hold(tx: Knex.Transaction, tenantId: string, ids: readonly string[]): Promise<void> {
    const { noun, table, unknown } = this.#kind
    const known = await tx(table)
      .where({ tenant_id: tenantId, deleted_at: null })
      .whereIn('id', [...ids])
      .orderBy('id')
      .forShare()
      .pluck('id')
    const missing = [...new Set(ids)].filter((id) => !known.includes(id))
    if (missing.length > 0)
      throw refusal(422, unknown, `${noun} ${missing.join(', ')} does not exist: create it first`)
  }

  readonly #toTarget = (row: Record<string, unknown>): T => {
    const { id, created_at, deleted_at } = row as { id: string; created_at: Date; deleted_at: Date | null }
    const given = Object.fromEntries(this.#kind.columns.map((column) => [column, row[column]]))
    const times = { createdAt: created_at.toISOString(), deletedAt: deleted_at?.toISOString() ?? null }
    return { id, ...given, ...times } as T
  }
}
