import { toFault } from '@backhaul/postgres'
import type { Knex } from 'knex'
import { type Backfill, type Progress, slicesOf } from '../backfill.ts'
import { ENDED, type ReportRun } from '../report-run.ts'
import type { Window } from '../windows.ts'
import { toRow } from './run-row.ts'

/** A slice that fails so often is a hole for a person to look at. */
const MOST_TRIES = 5
/** A slice that failed waits so long, and twice as long each time. */
const FIRST_WAIT_MS = 10 * 60_000

/** Amazon refuses windows that end in its future, and its clock may be behind ours. */
const CLOCK_MARGIN_MS = 60_000

/** What is asked of a new backfill, and whether it was asked before. */
export type Created =
  | { readonly backfill: Backfill }
  /** The key was sent before, with another request. */
  | { readonly reused: true }

/** Backfills and their slices, in Postgres. All throw Fault `POSTGRES_UNAVAILABLE`, retryable. */
export class Backfills {
  readonly #db: Knex

  constructor(db: Knex) {
    this.#db = db
  }

  /** Creates once for each key of a tenant. */
  create(backfill: Backfill, idempotencyKey: string | null): Promise<Created> {
    return this.#ask((tx) => createIn(tx, backfill, idempotencyKey))
  }

  async find(tenantId: string, id: string): Promise<(Backfill & { progress: Progress }) | undefined> {
    const [found] = await this.#list((q) => q.where({ tenant_id: tenantId, id }), 1)
    return found
  }

  /** Newest first; `before` is the creation and id of the last one of the page before. */
  list(
    tenantId: string,
    integrationId: string | undefined,
    before: readonly [number, string] | null,
    limit: number,
  ): Promise<(Backfill & { progress: Progress })[]> {
    return this.#list((q) => {
      q.where({ tenant_id: tenantId })
      if (integrationId) q.where({ integration_id: integrationId })
      if (before) q.whereRaw('(created_at, id) < (?, ?)', [...before])
    }, limit)
  }

  /** Changes the state of one that has not ended. @returns False when it has. */
  async change(id: string, state: Backfill['state'], endedAt: number | null): Promise<boolean> {
    const open = this.#db('backfills').where({ id }).whereIn('state', ['running', 'paused'])
    return (await this.#ask(() => open.update({ state, ended_at: endedAt }))) > 0
  }

  /**
   * Settles slices whose runs have ended, and plans the next one of a backfill: one at a time, the newest first, so that it
   * can be taken up after any crash. Instances share the work.
   *
   * @param plan Makes the run of a slice; null where the marketplace cannot be read now.
   */
  async planNext(
    now: number,
    plan: (backfill: Backfill, marketplaceId: string, slice: Window) => ReportRun | null,
  ): Promise<ReportRun[]> {
    return this.#ask(async (tx) => {
      const planned: ReportRun[] = []
      const running = await tx('backfills').where({ state: 'running' }).forUpdate().skipLocked()
      for (const backfill of running.map(fromRow)) {
        await settle(tx, backfill.id, now)
        const slices = await tx('backfill_slices')
          .where({ backfill_id: backfill.id })
          .whereIn('state', ['open', 'asked'])
          .orderBy([
            { column: 'window_to', order: 'desc' },
            { column: 'marketplace_id', order: 'asc' },
          ])
        if (slices.length === 0)
          await tx('backfills').where({ id: backfill.id }).update({ state: 'done', ended_at: now })
        if (slices.some((s) => s.state === 'asked')) continue
        for (const slice of slices.filter((s) => Number(s.not_before) <= now)) {
          const window = { from: Number(slice.window_from), to: Number(slice.window_to) }
          const run = plan(backfill, slice.marketplace_id, window)
          if (!run) continue
          await tx('report_runs').insert(toRow(run))
          await tx('backfill_slices')
            .where({
              backfill_id: backfill.id,
              marketplace_id: slice.marketplace_id,
              window_from: slice.window_from,
            })
            .update({ state: 'asked', report_run_id: run.id })
          planned.push(run)
          break
        }
      }
      return planned
    })
  }

  async #list(filter: (query: Knex.QueryBuilder) => void, limit: number) {
    const query = this.#db('backfills').orderBy([
      { column: 'created_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    filter(query)
    const rows = await this.#ask(() => query.limit(limit))
    const progress = await this.#ask(() =>
      progressOf(
        this.#db,
        rows.map((r: { id: string }) => r.id),
      ),
    )
    return rows.map((row: BackfillRow) => ({
      ...fromRow(row),
      progress: progress.get(row.id) ?? { slices: 0, done: 0, failed: 0, rowsInDocuments: 0 },
    }))
  }

  async #ask<T>(work: (tx: Knex.Transaction) => PromiseLike<T>): Promise<T> {
    try {
      return await this.#db.transaction(async (tx) => work(tx))
    } catch (error) {
      throw toFault(error)
    }
  }
}

async function createIn(tx: Knex.Transaction, given: Backfill, key: string | null): Promise<Created> {
  const [inserted] = await tx('backfills')
    .insert({
      id: given.id,
      tenant_id: given.tenantId,
      integration_id: given.integrationId,
      state: given.state,
      marketplaces: JSON.stringify(given.marketplaceIds),
      window_from: given.from,
      window_to: given.to,
      created_at: given.createdAt,
      idempotency_key: key,
    })
    .onConflict(['tenant_id', 'idempotency_key'])
    .ignore()
    .returning('id')
  if (!inserted) {
    const before = fromRow(
      await tx('backfills').where({ tenant_id: given.tenantId, idempotency_key: key }).first(),
    )
    return requestOf(before) === requestOf(given) ? { backfill: before } : { reused: true }
  }
  const slices = given.marketplaceIds.flatMap((marketplace_id) =>
    slicesOf(given.from, given.to).map(({ from, to }) => ({
      ...{ backfill_id: given.id, marketplace_id, window_from: from, window_to: to, state: 'open' },
      not_before: to + CLOCK_MARGIN_MS,
    })),
  )
  await tx.batchInsert('backfill_slices', slices, 500)
  return { backfill: given }
}

const requestOf = ({ integrationId, marketplaceIds, from, to }: Backfill) =>
  JSON.stringify([integrationId, marketplaceIds, from, to])

/** A slice is done once its whole window was read or proven empty; else it is asked for again, later each time. */
async function settle(tx: Knex.Transaction, backfillId: string, now: number): Promise<void> {
  await tx.raw(
    `UPDATE backfill_slices s
     SET state = CASE WHEN r.proven_to >= s.window_to THEN 'done' WHEN s.tries + 1 >= ? THEN 'failed' ELSE 'open' END,
       tries = s.tries + 1, not_before = ?::bigint + ?::bigint * (1 << s.tries)
     FROM report_runs r
     WHERE s.backfill_id = ? AND s.state = 'asked' AND r.id = s.report_run_id AND r.state = ANY(?)`,
    [MOST_TRIES, now, FIRST_WAIT_MS, backfillId, [...ENDED]],
  )
}

async function progressOf(db: Knex, ids: readonly string[]): Promise<Map<string, Progress>> {
  const rows = await db('backfill_slices as s')
    .leftJoin('report_runs as r', 'r.id', 's.report_run_id')
    .whereIn('s.backfill_id', [...ids])
    .groupBy('s.backfill_id')
    .select(
      's.backfill_id',
      db.raw('count(*) AS slices'),
      db.raw("count(*) FILTER (WHERE s.state = 'done') AS done"),
      db.raw("count(*) FILTER (WHERE s.state = 'failed') AS failed"),
      db.raw("coalesce(sum((r.run -> 'counts' ->> 'rowsInDocument')::bigint), 0) AS rows"),
    )
  return new Map(
    rows.map((row) => [
      row.backfill_id,
      {
        slices: Number(row.slices),
        done: Number(row.done),
        failed: Number(row.failed),
        rowsInDocuments: Number(row.rows),
      },
    ]),
  )
}

interface BackfillRow {
  readonly id: string
  readonly tenant_id: string
  readonly integration_id: string
  readonly marketplaces: string[]
  readonly window_from: string
  readonly window_to: string
  readonly state: Backfill['state']
  readonly created_at: string
  readonly ended_at: string | null
}

const fromRow = (row: BackfillRow): Backfill => ({
  id: row.id,
  tenantId: row.tenant_id,
  integrationId: row.integration_id,
  marketplaceIds: row.marketplaces,
  from: Number(row.window_from),
  to: Number(row.window_to),
  state: row.state,
  createdAt: Number(row.created_at),
  endedAt: row.ended_at === null ? null : Number(row.ended_at),
})
