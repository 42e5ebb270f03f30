import { toFault } from '@backhaul/postgres'
import type { Knex } from 'knex'
import { ENDED, type ReportRun, type RunCounts, scopeOf } from '../report-run.ts'
import type { RowToPublish } from '../steps/compare-rows.ts'
import type { LedgerRow } from './row-ledger.ts'

export const REBUILD_STATES = ['running', 'done', 'failed'] as const

/** The topics of a tenant, written again from the archive. Instants are milliseconds. */
export interface Rebuild {
  readonly id: string
  readonly tenantId: string
  readonly state: (typeof REBUILD_STATES)[number]
  readonly reason: string
  readonly createdAt: number
  readonly endedAt: number | null
  /** The run that is being written again, by the order in which runs ended. */
  readonly endedAs: number
  /** Pieces of its document that were, and the counts so far; null before the first. */
  readonly position: number
  readonly counts: RunCounts | null
  /** Runs and rows that were written so far. */
  readonly runs: number
  readonly rows: number
  readonly error: string | null
}

/** Rebuilds, and what they have written so far, in Postgres. All throw Fault `POSTGRES_UNAVAILABLE`, retryable. */
export class Rebuilds {
  readonly #db: Knex

  constructor(db: Knex) {
    this.#db = db
  }

  /** Creates once for each key of a tenant. @returns The one that the key made before, if any. */
  async create(rebuild: Rebuild, idempotencyKey: string | null): Promise<Rebuild> {
    const { id, tenantId, state, reason, createdAt } = rebuild
    return this.#ask(async () => {
      await this.#db('rebuilds')
        .insert({
          ...{ id, state, reason, tenant_id: tenantId, created_at: createdAt },
          idempotency_key: idempotencyKey,
        })
        .onConflict(['tenant_id', 'idempotency_key'])
        .ignore()
      const own = this.#db('rebuilds').where({ tenant_id: tenantId })
      const key = idempotencyKey === null ? { id } : { idempotency_key: idempotencyKey }
      return fromRow(await own.where(key).first())
    })
  }

  async find(tenantId: string, id: string): Promise<Rebuild | undefined> {
    const row = await this.#ask(() => this.#db('rebuilds').where({ tenant_id: tenantId, id }).first())
    return row && fromRow(row)
  }

  /** Works on one rebuild that no other instance works on. @returns False when there is none. */
  async withRunning(work: (rebuild: Rebuild) => Promise<void>): Promise<boolean> {
    const lock = await this.#ask(() => this.#db.transaction())
    try {
      const first = () =>
        this.#ask(() => this.#db('rebuilds').where({ state: 'running' }).orderBy('id').first())
      const running = await first()
      if (!running) return false
      // An advisory lock, as the row itself is saved by other connections meanwhile.
      const { rows } = await this.#ask(() =>
        lock.raw('SELECT pg_try_advisory_xact_lock(hashtextextended(?, 0)) AS got', [running.id]),
      )
      if (!rows[0].got) return false
      // It may have moved on before the lock was ours.
      const now = await first()
      if (now?.id !== running.id) return false
      await work(fromRow(now))
      return true
    } finally {
      await lock.rollback().catch(() => {})
    }
  }

  /** The next run that ended, and its place. */
  async runAfter(
    tenantId: string,
    endedAs: number,
  ): Promise<{ run: ReportRun; endedAs: number } | undefined> {
    const row = await this.#ask(() =>
      this.#db('report_runs')
        .where({ tenant_id: tenantId })
        .where('ended_as', '>', endedAs)
        .whereIn('state', [...ENDED])
        .orderBy('ended_as')
        .first('run', 'ended_as'),
    )
    return row && { run: row.run, endedAs: Number(row.ended_as) }
  }

  /** Rows that the rebuild has written of these orders, in the scope of a run. */
  async knownRows(
    rebuild: Rebuild,
    run: ReportRun,
    orderReferences: readonly string[],
  ): Promise<LedgerRow[]> {
    const rows = await this.#ask(() =>
      this.#db('rebuild_rows')
        .where({ rebuild_id: rebuild.id, scope: scopeOf(run) })
        .whereRaw('order_reference = ANY(?)', [[...orderReferences]])
        .select('identity', 'digest', 'observed_at'),
    )
    return rows.map((row) => ({
      identity: row.identity,
      digest: row.digest,
      observedAt: Number(row.observed_at),
    }))
  }

  /** Notes rows that were written and where the rebuild stands, all or nothing. */
  written(rebuild: Rebuild, run: ReportRun, rows: readonly RowToPublish[]): Promise<void> {
    return this.#ask(() =>
      this.#db.transaction(async (tx) => {
        if (rows.length > 0)
          await tx.raw(
            `INSERT INTO rebuild_rows (rebuild_id, scope, row_id, order_reference, identity, digest, observed_at)
             SELECT ?, ?, row_id, order_reference, identity::jsonb, digest, observed_at
             FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[])
               AS r (row_id, order_reference, identity, digest, observed_at)
             ON CONFLICT (rebuild_id, row_id) DO UPDATE
               SET identity = excluded.identity, digest = excluded.digest, observed_at = excluded.observed_at`,
            [
              ...[rebuild.id, scopeOf(run)],
              rows.map((r) => r.identity.rowId),
              rows.map((r) => r.identity.orderReference),
              rows.map((r) => JSON.stringify(r.identity)),
              rows.map((r) => r.digest),
              rows.map((r) => r.observedAt),
            ],
          )
        await saveIn(tx, rebuild)
      }),
    )
  }

  /** Notes that a rebuild has ended, and forgets what it kept. */
  ended(rebuild: Rebuild): Promise<void> {
    return this.#ask(() =>
      this.#db.transaction(async (tx) => {
        await tx('rebuild_rows').where({ rebuild_id: rebuild.id }).delete()
        await saveIn(tx, rebuild)
      }),
    )
  }

  async #ask<T>(query: () => PromiseLike<T>): Promise<T> {
    try {
      return await query()
    } catch (error) {
      throw toFault(error)
    }
  }
}

const saveIn = (
  tx: Knex.Transaction,
  { id, state, endedAt, endedAs, position, counts, runs, rows, error }: Rebuild,
) =>
  tx('rebuilds')
    .where({ id })
    .update({ state, ended_at: endedAt, ended_as: endedAs, position, counts, runs, rows, error })

// biome-ignore lint/suspicious/noExplicitAny: a row as the driver gives it
const fromRow = (row: any): Rebuild => ({
  id: row.id,
  tenantId: row.tenant_id,
  state: row.state,
  reason: row.reason,
  createdAt: Number(row.created_at),
  endedAt: row.ended_at === null ? null : Number(row.ended_at),
  endedAs: Number(row.ended_as),
  position: row.position,
  counts: row.counts,
  runs: row.runs,
  rows: Number(row.rows),
  error: row.error,
})
