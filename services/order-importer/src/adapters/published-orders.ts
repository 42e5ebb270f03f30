import { migrate, openKnex } from '@backhaul/postgres'
import type { Knex } from 'knex'
import * as migration1 from '../migrations/1-orders.ts'

const CONNECTIONS = 10
const schema = 'orders'
const migrations = { '1-orders': migration1 }

/** What was last published under a key. */
export interface Published {
  readonly key: string
  readonly sourceVersion: number
  readonly digest: string
}

/** Versions of published orders, in Postgres: older never overwrites newer, also in the compacted topic. */
export class PublishedOrders {
  readonly #db: Knex

  private constructor(db: Knex) {
    this.#db = db
  }

  /** @throws Fault `POSTGRES_UNAVAILABLE`, retryable. */
  static async open(url: string): Promise<PublishedOrders> {
    await migrate({ url, schema, migrations })
    return new PublishedOrders(openKnex({ url, schema }, CONNECTIONS))
  }

  close(): Promise<void> {
    return this.#db.destroy()
  }

  /**
   * Holds the locks of these keys while `publish` decides and writes; what it returns is noted when it has.
   *
   * 1. publish  fails → nothing noted; the caller sends the orders again
   * 2. note     fails → published, not noted: sent again, the same content is published once more, harmlessly
   */
  async update(
    tenantId: string,
    keys: readonly string[],
    publish: (known: ReadonlyMap<string, Published>) => Promise<readonly Published[]>,
  ): Promise<void> {
    await this.#db.transaction(async (tx) => {
      const sorted = [...keys].sort()
      for (const key of sorted) await tx.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 1))', [key])
      const rows = await tx('published').whereIn('key', sorted).where({ tenant_id: tenantId })
      const known = new Map<string, Published>(
        rows.map((r) => [r.key, { key: r.key, sourceVersion: Number(r.source_version), digest: r.digest }]),
      )
      const published = await publish(known)
      for (let at = 0; at < published.length; at += 500) {
        await tx('published')
          .insert(
            published.slice(at, at + 500).map((p) => ({
              key: p.key,
              tenant_id: tenantId,
              source_version: p.sourceVersion,
              digest: p.digest,
            })),
          )
          .onConflict('key')
          .merge()
      }
    })
  }
}
