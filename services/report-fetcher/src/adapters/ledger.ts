import type { KnownRow } from '@backhaul/domain'
import knex, { type Knex } from 'knex'
import * as migration1 from '../migrations/1-ledger.ts'
import { ENDED, type ReportRun } from '../report-run.ts'

const SCHEMA = 'fetcher'

/** How many due runs are looked at to find one that nobody holds. */
const CANDIDATES = 20

const migrations: Readonly<Record<string, { up: (db: Knex) => Promise<void> }>> = { '1-ledger': migration1 }

/** Opens Postgres and brings this service's schema up to date. */
export async function openLedger(url: string): Promise<Ledger> {
  const db = knex({ client: 'pg', connection: url, searchPath: [SCHEMA], pool: { min: 0, max: 10 } })
  await db.raw(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`)
  await db.migrate.latest({
    schemaName: SCHEMA,
    migrationSource: {
      getMigrations: async () => Object.keys(migrations),
      getMigrationName: (name: string) => name,
      getMigration: async (name: string) => ({
        up: (migrations[name] as { up: (db: Knex) => Promise<void> }).up,
        down: async () => {},
      }),
    },
  })
  return new Ledger(db)
}

/** A row as it was last published. */
export interface LedgerRow {
  readonly identity: KnownRow
  readonly digest: string
}

/** The truth about report runs and published rows, in Postgres. */
export class Ledger {
  readonly #db: Knex

  constructor(db: Knex) {
    this.#db = db
  }

  close(): Promise<void> {
    return this.#db.destroy()
  }

  async insert(runs: readonly ReportRun[]): Promise<void> {
    if (runs.length > 0) await this.#db('report_runs').insert(runs.map(toRow))
  }

  async save(run: ReportRun): Promise<void> {
    await this.#db('report_runs').where({ id: run.id }).update(toRow(run))
  }

  /** @returns Undefined when the tenant has no such run. */
  async find(tenantId: string, id: string): Promise<ReportRun | undefined> {
    const row = await this.#db('report_runs').where({ id, tenant_id: tenantId }).first('run')
    return row?.run
  }

  /** Newest first; `before` is the start and id of the last run of the page before. */
  async list(
    tenantId: string,
    filter: { integrationId?: string | undefined; state?: string | undefined },
    before: readonly [number, string] | null,
    limit: number,
  ): Promise<ReportRun[]> {
    const rows = this.#db('report_runs').where({ tenant_id: tenantId })
    if (filter.integrationId) rows.where({ integration_id: filter.integrationId })
    if (filter.state) rows.where({ state: filter.state })
    if (before) rows.whereRaw('(started_at, id) < (?, ?)', [...before])
    return (
      await rows
        .orderBy([
          { column: 'started_at', order: 'desc' },
          { column: 'id', order: 'desc' },
        ])
        .limit(limit)
    ).map((row) => row.run)
  }

  /**
   * Works on one unfinished run that is due and that no other worker or instance holds. An advisory lock keeps others
   * away meanwhile; steps save by connections of their own, each for good.
   *
   * @returns False when there is none.
   */
  async withDueRun(now: number, work: (run: ReportRun) => Promise<void>): Promise<boolean> {
    return this.#db.transaction(async (lock) => {
      const due = await this.#due(now).limit(CANDIDATES).pluck('id')
      for (const id of due) {
        const { rows } = await lock.raw('SELECT pg_try_advisory_xact_lock(hashtextextended(?, 0)) AS got', [
          id,
        ])
        if (!rows[0].got) continue
        // It may have moved on before the lock was ours.
        const row = await this.#due(now).where({ id }).first('run')
        if (!row) continue
        await work(row.run)
        return true
      }
      return false
    })
  }

  #due(now: number) {
    return this.#db('report_runs')
      .whereNotIn('state', [...ENDED])
      .where('not_before', '<=', now)
      .orderBy('not_before')
  }

  /** Plans the runs of a cycle and notes when the next is due, at once. @returns False when it is not due. */
  async planCycle(
    integrationId: string,
    marketplaceId: string,
    now: number,
    nextDueAt: number,
    force: boolean,
    plan: (readUpTo: number | null) => readonly ReportRun[],
  ): Promise<readonly ReportRun[]> {
    return this.#db.transaction(async (tx) => {
      const key = { integration_id: integrationId, marketplace_id: marketplaceId }
      await tx('cycles')
        .insert({ ...key, due_at: 0 })
        .onConflict(['integration_id', 'marketplace_id'])
        .ignore()
      const cycle = await tx('cycles').where(key).forUpdate().first()
      if (!force && Number(cycle.due_at) > now) return []
      const open = await tx('report_runs')
        .where(key)
        .whereNotIn('state', [...ENDED])
        .whereRaw("run ->> 'source' = 'api'")
        .first('id')
      if (open) return []
      const runs = plan(cycle.read_up_to === null ? null : Number(cycle.read_up_to))
      if (runs.length > 0) await tx('report_runs').insert(runs.map(toRow))
      await tx('cycles').where(key).update({ due_at: nextDueAt })
      return runs
    })
  }

  /** Rows known of these orders. */
  async knownRows(
    sellerId: string,
    marketplaceId: string,
    orderReferences: readonly string[],
  ): Promise<LedgerRow[]> {
    const rows = await this.#db('return_rows')
      .where({ seller_id: sellerId, marketplace_id: marketplaceId })
      .whereIn('order_reference', orderReferences)
      .select('identity', 'digest')
    return rows
  }

  /** Notes a published run, its rows, and how far the marketplace was read, all or nothing. */
  async published(run: ReportRun, rows: readonly LedgerRow[]): Promise<void> {
    await this.#db.transaction(async (tx) => {
      for (let at = 0; at < rows.length; at += 500) {
        await tx('return_rows')
          .insert(
            rows.slice(at, at + 500).map(({ identity, digest }) => ({
              row_id: identity.rowId,
              return_id: identity.returnId,
              seller_id: run.sellerId,
              marketplace_id: run.marketplaceId,
              order_reference: identity.orderReference,
              identity,
              digest,
              report_run_id: run.id,
            })),
          )
          .onConflict('row_id')
          .merge(['identity', 'digest', 'report_run_id'])
      }
      await tx('report_runs').where({ id: run.id }).update(toRow(run))
      await noteReadUpTo(tx, run)
    })
  }

  /** Notes a run that ended without rows, and how far the marketplace was read when that is proven. */
  async ended(run: ReportRun): Promise<void> {
    await this.#db.transaction(async (tx) => {
      await tx('report_runs').where({ id: run.id }).update(toRow(run))
      if (run.state === 'EMPTY') await noteReadUpTo(tx, run)
    })
  }
}

async function noteReadUpTo(tx: Knex.Transaction, run: ReportRun): Promise<void> {
  if (run.windowTo === null) return
  await tx('cycles')
    .where({ integration_id: run.integrationId, marketplace_id: run.marketplaceId })
    .update({ read_up_to: tx.raw('GREATEST(read_up_to, ?::bigint)', [run.windowTo]) })
}

const toRow = (run: ReportRun) => ({
  id: run.id,
  tenant_id: run.tenantId,
  integration_id: run.integrationId,
  marketplace_id: run.marketplaceId,
  state: run.state,
  window_to: run.windowTo,
  started_at: run.startedAt,
  not_before: run.notBefore,
  run: JSON.stringify(run),
})
