import { Fault } from '@backhaul/domain'
import { migrate, openKnex, toFault } from '@backhaul/postgres'
import type { Knex } from 'knex'
import * as migration1 from '../migrations/1-ledger.ts'
import * as migration2 from '../migrations/2-run-machine.ts'
import * as migration3 from '../migrations/3-backfills.ts'
import * as migration4 from '../migrations/4-rebuilds.ts'
import * as migration5 from '../migrations/5-documents-told.ts'
import { type Dependency, ENDED, type ReportRun } from '../report-run.ts'
import type { History } from '../steps/classify-cancelled.ts'
import type { Compared } from '../steps/compare-rows.ts'
import type { KnownOrders } from '../steps/known-elsewhere.ts'
import { Backfills } from './backfills.ts'
import { type DayRead, type DaysAsked, daysRead } from './days-read.ts'
import {
  type DocumentOfRows,
  documentsOf,
  knownOrders,
  type RowFilter,
  type RowVersion,
  rowVersions,
  saveSeen,
} from './document-index.ts'
import { registerKeys } from './key-register.ts'
import { Rebuilds } from './rebuilds.ts'
import { knownRows, type LedgerRow, saveRows, scopeColumns } from './row-ledger.ts'
import { toRow } from './run-row.ts'
import type { ArchiveKey } from './sealed.ts'

const CONNECTIONS = 10
const schema = 'fetcher'
const migrations = {
  '1-ledger': migration1,
  '2-run-machine': migration2,
  '3-backfills': migration3,
  '4-rebuilds': migration4,
  '5-documents-told': migration5,
}

/**
 * Opens Postgres and brings this service's schema up to date.
 *
 * @throws Fault `POSTGRES_UNAVAILABLE`, retryable.
 */
export async function openLedger(url: string): Promise<Ledger> {
  await migrate({ url, schema, migrations })
  return new Ledger(openKnex({ url, schema }, CONNECTIONS))
}

/** What a cycle is asked for. */
export interface Cycle {
  readonly integrationId: string
  readonly marketplaceId: string
  readonly now: number
  readonly intervalMs: number
  /** Plan now, whether due or not. */
  readonly force: boolean
  /** Version of the integration's settings. */
  readonly version: number
}

/** Where runs are listed. */
export interface RunFilter {
  readonly integrationId?: string | undefined
  readonly state?: string | undefined
}

/** No run waits longer: one that seems to was put off by a clock that has been set back since. */
const LONGEST_WAIT_MS = 3_600_000

/** The truth about report runs and published rows, in Postgres. All throw Fault `POSTGRES_UNAVAILABLE`, retryable. */
export class Ledger {
  readonly #db: Knex
  readonly backfills: Backfills
  readonly rebuilds: Rebuilds

  constructor(db: Knex) {
    this.#db = db
    this.backfills = new Backfills(db)
    this.rebuilds = new Rebuilds(db)
  }

  close(): Promise<void> {
    return this.#db.destroy()
  }

  /** @throws Fault `ARCHIVE_KEY_UNKNOWN` or `ARCHIVE_KEY_INVALID` when a key is missing that sealed documents. */
  registerKeys(keys: readonly ArchiveKey[]): Promise<void> {
    return this.#ask(() => registerKeys(this.#db, keys))
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
   * others away meanwhile (docs/decisions/0007); steps save by connections of their own, each for good. In each scope a run
   * that may have published comes first and is settled before another begins, so that no row is published twice (I2).
   *
   * @returns False when there is none. A run that moved on meanwhile counts as one: look again.
   */
  async withDueRun(now: number, work: (run: ReportRun) => Promise<void>): Promise<boolean> {
    const lock = await this.#ask(() => this.#db.transaction())
    try {
      const held = await this.#ask(() => this.#lockedRun(lock, now))
      if (!held) return false
      // It may have moved on before the lock was ours.
      const due = await this.#ask(() => this.#due(now, held).first())
      if (due) await work(due.run)
      return true
    } finally {
      // Nothing was written under it. A connection that was lost has let go of the lock already.
      await lock.rollback().catch(() => {})
    }
  }

  /** The first due run whose scope is free: tried in order, and no further. */
  async #lockedRun(lock: Knex.Transaction, now: number): Promise<ReportRun | undefined> {
    const locked = await lock
      .withMaterialized('due', this.#due(now))
      .from('due')
      .whereRaw('pg_try_advisory_xact_lock(hashtextextended(scope, 0))')
      .first('run')
    return locked?.run
  }

  /** The first run of each scope, of those that are due; of the scope of one run when it is given. */
  #due(now: number, of?: ReportRun): Knex.QueryBuilder {
    const scope = ['tenant_id', 'seller_id', 'marketplace_id']
    const first = this.#db('report_runs')
      .distinctOn(scope)
      .select(
        'run',
        'not_before',
        this.#db.raw("concat_ws('/', tenant_id, seller_id, marketplace_id) AS scope"),
      )
      .whereNotIn('state', [...ENDED])
      .orderBy([...scope, { column: 'publishing', order: 'desc' }, 'not_before'])
    if (of) first.where(scopeColumns(of))
    return this.#db
      .from(first.as('first'))
      .where((due) => due.where('not_before', '<=', now).orWhere('not_before', '>', now + LONGEST_WAIT_MS))
      .orderBy('not_before')
      .select('run', 'scope')
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

  /**
   * Plans the runs of a cycle and notes when, at once.
   *
   * @returns Nothing when it is not due, the last is still open, or Amazon refused the request of this very version.
   */
  planCycle(
    cycle: Cycle,
    plan: (readUpTo: number | null) => readonly ReportRun[],
  ): Promise<readonly ReportRun[]> {
    const { integrationId, marketplaceId, now } = cycle
    const key = { integration_id: integrationId, marketplace_id: marketplaceId }
    return this.#ask(() =>
      this.#db.transaction(async (tx) => {
        await tx('cycles').insert(key).onConflict(['integration_id', 'marketplace_id']).ignore()
        const kept = await tx('cycles').where(key).forUpdate().first()
        if (!isDue(cycle, kept)) return []
        const open = await tx('report_runs')
          .where({ ...key, backfill_id: null })
          .whereNotIn('state', [...ENDED])
          .whereRaw("run ->> 'source' = 'api'")
          .first('id')
        if (open) return []
        const runs = plan(kept.read_up_to === null ? null : Number(kept.read_up_to))
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
  knownRows(run: ReportRun, orderReferences: readonly string[]): Promise<LedgerRow[]> {
    return this.#ask(() => knownRows(this.#db, run, orderReferences))
  }

  /** Notes a piece of a document that was published, its rows, and how far the marketplace was read, all or nothing. */
  published(run: ReportRun, { toPublish, seen }: Compared): Promise<ReportRun> {
    return this.#ask(() =>
      this.#db.transaction(async (tx) => {
        await saveRows(tx, run, toPublish)
        await saveSeen(tx, run, run.position, seen)
        return endedIn(tx, run)
      }),
    )
  }

  /** Notes a run that ended without rows, and how far the marketplace is known to hold none, all or nothing. */
  ended(run: ReportRun): Promise<ReportRun> {
    return this.#ask(() => this.#db.transaction((tx) => endedIn(tx, run)))
  }

  /** A7: which of these columns no document of the account had before; each is told once. */
  async newColumns(run: ReportRun, columns: readonly string[]): Promise<string[]> {
    if (columns.length === 0) return []
    const { id: report_run_id, tenantId: tenant_id, sellerId: seller_id } = run
    const added = await this.#ask(() =>
      this.#db('unknown_columns')
        .insert(columns.map((column_name) => ({ tenant_id, seller_id, column_name, report_run_id })))
        .onConflict(['tenant_id', 'seller_id', 'column_name'])
        .ignore()
        .returning('column_name'),
    )
    return added.map((row) => row.column_name)
  }

  rowVersions(tenantId: string, by: RowFilter): Promise<RowVersion[]> {
    return rowVersions(this.#db, tenantId, by)
  }

  knownOrders(tenantId: string, orderReferences: readonly string[]): Promise<KnownOrders[]> {
    return knownOrders(this.#db, tenantId, orderReferences)
  }

  documentsOf(
    tenantId: string,
    rowIds: readonly string[],
    after: number,
    limit: number,
  ): Promise<DocumentOfRows[]> {
    return documentsOf(this.#db, tenantId, rowIds, after, limit)
  }

  daysRead(asked: DaysAsked): Promise<DayRead[]> {
    return daysRead(this.#db, asked)
  }

  /** What earlier runs tell about a report that Amazon cancelled. */
  async history(run: ReportRun): Promise<History> {
    const done = this.#db('report_runs')
      .where(scopeColumns(run))
      .whereIn('state', ['PUBLISHED', 'EMPTY', 'QUARANTINED'])
      .whereRaw("run ->> 'source' = 'api'")
      .first('id')
    const cancelled = this.#db('report_runs')
      .where({ integration_id: run.integrationId, marketplace_id: run.marketplaceId, state: 'CANCELLED' })
      .whereRaw("run ->> 'cancelledClass' IN ('unknown', 'no_returns', 'wrong_programme')")
      .first(
        // The windows of one cycle began at once.
        this.#db.raw(
          'count(DISTINCT started_at) FILTER (WHERE backfill_id IS NULL AND started_at <> ?::bigint) AS cycles',
          [run.startedAt],
        ),
        this.#db.raw('max(window_to) FILTER (WHERE window_from <= ?::bigint) AS up_to', [run.windowFrom]),
      )
    const [everDone, { cycles, up_to }] = await this.#ask(() => Promise.all([done, cancelled]))
    return {
      everDone: everDone !== undefined,
      cancelledCycles: Number(cycles),
      cancelledTo: up_to === null ? null : Number(up_to),
    }
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

/** Saves a run, and what it means for the cycles of its marketplace if it ended. */
async function endedIn(tx: Knex.Transaction, run: ReportRun): Promise<ReportRun> {
  if (ENDED.includes(run.state)) {
    await noteReadUpTo(tx, run)
    if (run.source === 'api' && run.backfillId === null) await noteFailures(tx, run)
    await tx('report_runs')
      .where({ id: run.id })
      .update({ ended_as: tx.raw("nextval('run_ends')") })
  }
  return savedIn(tx, run)
}

const cycleOf = (run: ReportRun) => ({
  integration_id: run.integrationId,
  marketplace_id: run.marketplaceId,
})

/** Moves the mark only where no gap is left behind: windows may end in any order, or fail. */
async function noteReadUpTo(tx: Knex.Transaction, run: ReportRun): Promise<void> {
  if (run.windowFrom === null || run.provenTo === null) return
  await tx('cycles')
    .where(cycleOf(run))
    .where('read_up_to', '>=', run.windowFrom)
    .update({ read_up_to: tx.raw('GREATEST(read_up_to, ?::bigint)', [run.provenTo]) })
}

/** Reports that fail one after the other put the next cycle off; a request that Amazon refuses waits for a change. */
async function noteFailures(tx: Knex.Transaction, run: ReportRun): Promise<void> {
  const failed = run.state === 'FATAL'
  await tx('cycles')
    .where(cycleOf(run))
    .update({
      fatals: failed ? tx.raw('fatals + 1') : 0,
      refused_version: run.refused ? run.configVersion : null,
    })
}

/** Most times by which failures lengthen the interval. */
const MOST_BACKOFF = 8

function isDue({ now, intervalMs, force, version }: Cycle, kept: CycleRow): boolean {
  if (force || kept.planned_at === null) return true
  if (kept.refused_version === version) return false
  const plannedAt = Number(kept.planned_at)
  // Planned in the future: the clock was set back, and waiting for it to come again would lose cycles.
  if (plannedAt > now) return true
  return plannedAt + intervalMs * Math.min(2 ** kept.fatals, MOST_BACKOFF) <= now
}

interface CycleRow {
  readonly planned_at: string | null
  readonly fatals: number
  readonly refused_version: number | null
}
