import { Fault, type KnownRow } from '@backhaul/domain'
import { migrate, openKnex, toFault } from '@backhaul/postgres'
import type { Knex } from 'knex'
import * as migration1 from '../migrations/1-ledger.ts'
import { type Dependency, ENDED, type ReportRun, scopeOf } from '../report-run.ts'

/** How many scopes with a due run are looked at to find one that nobody holds. */
const CANDIDATES = 20

const CONNECTIONS = 10
const schema = 'fetcher'
const migrations = { '1-ledger': migration1 }

/**
 * Opens Postgres and brings this service's schema up to date.
 *
 * @throws Fault `POSTGRES_UNAVAILABLE`, retryable.
 */
export async function openLedger(url: string): Promise<Ledger> {
  await migrate({ url, schema, migrations })
  return new Ledger(openKnex({ url, schema }, CONNECTIONS))
}

/** A row as it was last published. */
export interface LedgerRow {
  readonly identity: KnownRow
  readonly digest: string
  /** When Amazon made the document that it was published from, milliseconds. */
  readonly observedAt: number
}

/** What a cycle is asked for. */
export interface Cycle {
  readonly integrationId: string
  readonly marketplaceId: string
  readonly now: number
  readonly intervalMs: number
  /** Plan now, whether due or not. */
  readonly force: boolean
}

/** Where runs are listed. */
export interface RunFilter {
  readonly integrationId?: string | undefined
  readonly state?: string | undefined
}

/** Rows of one statement: Postgres takes 65,535 parameters. */
const ROWS_PER_INSERT = 500

/** The truth about report runs and published rows, in Postgres. All throw Fault `POSTGRES_UNAVAILABLE`, retryable. */
export class Ledger {
  readonly #db: Knex

  constructor(db: Knex) {
    this.#db = db
  }

  close(): Promise<void> {
    return this.#db.destroy()
  }

  async insert(run: ReportRun): Promise<void> {
    await this.#ask(() => this.#db('report_runs').insert(toRow(run)))
  }

  /** @throws Fault `RUN_TAKEN_OVER` when it was saved by another since it was read. */
  save(run: ReportRun): Promise<ReportRun> {
    return this.#ask(() => savedIn(this.#db, run))
  }

  /** @returns Undefined when the tenant has no such run. */
  async find(tenantId: string, id: string): Promise<ReportRun | undefined> {
    const row = await this.#ask(() => this.#db('report_runs').where({ id, tenant_id: tenantId }).first('run'))
    return row?.run
  }

  /** Newest first; `before` is the start and id of the last run of the page before. */
  async list(
    tenantId: string,
    { integrationId, state }: RunFilter,
    before: readonly [number, string] | null,
    limit: number,
  ): Promise<ReportRun[]> {
    const runs = this.#db('report_runs').where({ tenant_id: tenantId })
    if (integrationId) runs.where({ integration_id: integrationId })
    if (state) runs.where({ state })
    if (before) runs.whereRaw('(started_at, id) < (?, ?)', [...before])
    const newest = [
      { column: 'started_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ]
    return this.#ask(() => runs.orderBy(newest).limit(limit).pluck('run'))
  }

  /**
   * Works on one unfinished run that is due and whose scope no other worker or instance holds. An advisory lock keeps
   * others away meanwhile; steps save by connections of their own, each for good. In each scope a run that may have
   * published comes first and is settled before another begins, so that no row is published twice (I2).
   *
   * @returns False when there is none.
   */
  async withDueRun(now: number, work: (run: ReportRun) => Promise<void>): Promise<boolean> {
    const lock = await this.#ask(() => this.#db.transaction())
    try {
      const run = await this.#ask(() => this.#lockedRun(lock, now))
      if (!run) return false
      await work(run)
      return true
    } finally {
      // Nothing was written under it. A connection that was lost has let go of the lock already.
      await lock.rollback().catch(() => {})
    }
  }

  async #lockedRun(lock: Knex.Transaction, now: number): Promise<ReportRun | undefined> {
    for (const due of await this.#due(now)) {
      const { rows } = await lock.raw('SELECT pg_try_advisory_xact_lock(hashtextextended(?, 0)) AS got', [
        scopeOf(due),
      ])
      if (!rows[0].got) continue
      // It may have moved on before the lock was ours.
      const [first] = await this.#due(now, due)
      if (first) return first
    }
    return undefined
  }

  /** The first run of each scope, of those that are due; of the scope of one run when it is given. */
  async #due(now: number, of?: ReportRun): Promise<ReportRun[]> {
    const scope = ['tenant_id', 'seller_id', 'marketplace_id']
    const first = this.#db('report_runs')
      .distinctOn(scope)
      .select('run', 'not_before')
      .whereNotIn('state', [...ENDED])
      .orderBy([...scope, { column: 'publishing', order: 'desc' }, 'not_before'])
    if (of) first.where(scopeColumns(of))
    return this.#db
      .from(first.as('first'))
      .where('not_before', '<=', now)
      .orderBy('not_before')
      .limit(CANDIDATES)
      .pluck('run')
  }

  /** Why unfinished runs wait, by the dependency that holds them up. */
  async waits(): Promise<Map<Dependency, string>> {
    const rows = await this.#ask(() =>
      this.#db('report_runs')
        .whereNotIn('state', [...ENDED])
        .whereRaw("run ->> 'waitingFor' IS NOT NULL")
        .pluck('run'),
    )
    return new Map(rows.map(({ waitingFor, error }) => [waitingFor, error]))
  }

  /** Plans the runs of a cycle and notes when, at once. @returns Nothing when it is not due, or the last is still open. */
  planCycle(
    { integrationId, marketplaceId, now, intervalMs, force }: Cycle,
    plan: (readUpTo: number | null) => readonly ReportRun[],
  ): Promise<readonly ReportRun[]> {
    const key = { integration_id: integrationId, marketplace_id: marketplaceId }
    return this.#ask(() =>
      this.#db.transaction(async (tx) => {
        await tx('cycles').insert(key).onConflict(['integration_id', 'marketplace_id']).ignore()
        const { planned_at, read_up_to } = await tx('cycles').where(key).forUpdate().first()
        if (!force && planned_at !== null && Number(planned_at) + intervalMs > now) return []
        const open = await tx('report_runs')
          .where(key)
          .whereNotIn('state', [...ENDED])
          .whereRaw("run ->> 'source' = 'api'")
          .first('id')
        if (open) return []
        const runs = plan(read_up_to === null ? null : Number(read_up_to))
        const [first] = runs
        if (!first) return []
        await tx('report_runs').insert(runs.map(toRow))
        // What lies before the first window is of no interest, or was read.
        const readUpTo = tx.raw('GREATEST(read_up_to, ?::bigint)', [first.windowFrom])
        await tx('cycles').where(key).update({ planned_at: now, read_up_to: readUpTo })
        return runs
      }),
    )
  }

  /** Rows known of these orders, in the scope of a run. */
  async knownRows(run: ReportRun, orderReferences: readonly string[]): Promise<LedgerRow[]> {
    const rows = await this.#ask(() =>
      this.#db('return_rows')
        .where(scopeColumns(run))
        .whereRaw('order_reference = ANY(?)', [[...orderReferences]])
        .select('identity', 'digest', 'observed_at'),
    )
    return rows.map((row) => ({
      identity: row.identity,
      digest: row.digest,
      observedAt: Number(row.observed_at),
    }))
  }

  /** Notes a published run, its rows, and how far the marketplace was read, all or nothing. */
  published(run: ReportRun, rows: readonly LedgerRow[]): Promise<ReportRun> {
    return this.#ask(() =>
      this.#db.transaction(async (tx) => {
        for (let at = 0; at < rows.length; at += ROWS_PER_INSERT) {
          await tx('return_rows')
            .insert(rows.slice(at, at + ROWS_PER_INSERT).map((row) => toReturnRow(run, row)))
            .onConflict('row_id')
            .merge(['identity', 'digest', 'observed_at', 'report_run_id'])
        }
        await noteReadUpTo(tx, run)
        return savedIn(tx, run)
      }),
    )
  }

  /** Notes a run that ended without rows. @param proven True when its window is known to hold none. */
  ended(run: ReportRun, proven: boolean): Promise<ReportRun> {
    return this.#ask(() =>
      this.#db.transaction(async (tx) => {
        if (proven) await noteReadUpTo(tx, run)
        return savedIn(tx, run)
      }),
    )
  }

  /** Whether Amazon cancelled an earlier report of the window that begins where this one's does. */
  async cancelledBefore({ integrationId, marketplaceId, windowFrom }: ReportRun): Promise<boolean> {
    const key = { integration_id: integrationId, marketplace_id: marketplaceId, window_from: windowFrom }
    const earlier = await this.#ask(() =>
      this.#db('report_runs')
        .where({ ...key, state: 'CANCELLED' })
        .first('id'),
    )
    return earlier !== undefined
  }

  /** Which of Amazon's reports belong to runs already. */
  async knownReports(run: ReportRun, reportIds: readonly string[]): Promise<Set<string>> {
    const known = await this.#ask(() =>
      this.#db('report_runs')
        .where(scopeColumns(run))
        .whereRaw("run ->> 'reportId' = ANY(?)", [[...reportIds]])
        .select(this.#db.raw("run ->> 'reportId' AS report_id")),
    )
    return new Set(known.map((row) => row.report_id))
  }

  /** What the driver throws is classified here, once. */
  async #ask<T>(query: () => PromiseLike<T>): Promise<T> {
    try {
      return await query()
    } catch (error) {
      throw toFault(error)
    }
  }
}

async function savedIn(db: Knex, run: ReportRun): Promise<ReportRun> {
  const saved = { ...run, revision: run.revision + 1 }
  const count = await db('report_runs').where({ id: run.id, revision: run.revision }).update(toRow(saved))
  if (count === 0) throw new Fault('RUN_TAKEN_OVER', `Run ${run.id} was moved on by another worker`)
  return saved
}

/** Moves the mark only where no gap is left behind: windows may end in any order, or fail. */
async function noteReadUpTo(tx: Knex.Transaction, run: ReportRun): Promise<void> {
  if (run.windowFrom === null || run.windowTo === null) return
  await tx('cycles')
    .where({ integration_id: run.integrationId, marketplace_id: run.marketplaceId })
    .where('read_up_to', '>=', run.windowFrom)
    .update({ read_up_to: tx.raw('GREATEST(read_up_to, ?::bigint)', [run.windowTo]) })
}

const scopeColumns = ({ tenantId, sellerId, marketplaceId }: ReportRun) => ({
  tenant_id: tenantId,
  seller_id: sellerId,
  marketplace_id: marketplaceId,
})

const toRow = (run: ReportRun) => ({
  ...scopeColumns(run),
  id: run.id,
  integration_id: run.integrationId,
  state: run.state,
  revision: run.revision,
  publishing: run.runsOffset !== null,
  window_from: run.windowFrom,
  started_at: run.startedAt,
  not_before: run.notBefore,
  run: JSON.stringify(run),
})

const toReturnRow = (run: ReportRun, { identity, digest, observedAt }: LedgerRow) => ({
  ...scopeColumns(run),
  row_id: identity.rowId,
  return_id: identity.returnId,
  order_reference: identity.orderReference,
  identity,
  digest,
  observed_at: observedAt,
  report_run_id: run.id,
})
