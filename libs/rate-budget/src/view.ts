import type { Knex } from 'knex'
import { filled, type LearnedFrom, learnedFrom } from './limit.ts'
import { fromRow, type LimitRow } from './store.ts'

/** One limit as it stands now. Instants are milliseconds. */
export interface BudgetLine {
  readonly application: string
  /** Null: the limit of all sellers of the application together. */
  readonly sellerId: string | null
  readonly operation: string
  /** Null: for all types of reports. */
  readonly reportType: string | null
  /** Calls a second. */
  readonly rate: number
  readonly burst: number
  readonly tokensLeft: number
  readonly learnedFrom: LearnedFrom
  readonly blockedUntil: number | null
  /** When Amazon last answered a call under this limit with 429. */
  readonly throttledAt: number | null
  readonly waitingCalls: number
  readonly waitingSince: number | null
  /** How long the longest of them waits, milliseconds by Postgres's clock; 0 when none does. */
  readonly waitedMs: number
}

type Row = LimitRow & { now: Date; waiting_calls: string; waiting_since: Date | null }

export async function linesOf(
  db: Knex,
  application: string,
  sellers: ReadonlySet<string> | null,
): Promise<BudgetLine[]> {
  const { rows } = await db.raw<{ rows: Row[] }>(
    `SELECT l.*, clock_timestamp() AS now, w.waiting_calls, w.waiting_since
     FROM limits l, LATERAL (
       SELECT count(*) AS waiting_calls, min(waiting_since) AS waiting_since
       FROM waiting_calls w
       WHERE w.application = l.application AND w.operation = l.operation AND w.expires_at >= clock_timestamp()
         AND l.seller_id IN ('', w.seller_id) AND l.report_type IN ('', w.report_type)
     ) w
     WHERE l.application = :application AND l.rate IS NOT NULL
       AND (:all OR l.seller_id = '' OR l.seller_id = ANY(:sellers))
     ORDER BY l.operation, l.seller_id, l.report_type`,
    { application, all: sellers === null, sellers: [...(sellers ?? [])] },
  )
  return rows.flatMap((row) => {
    const now = row.now.getTime()
    const limit = filled(fromRow(row), now)
    if (limit.rate === null) return []
    return {
      application,
      sellerId: row.seller_id || null,
      operation: row.operation,
      reportType: row.report_type || null,
      rate: limit.rate,
      burst: limit.burst,
      tokensLeft: limit.tokens,
      learnedFrom: learnedFrom(limit),
      blockedUntil: limit.blockedUntil,
      throttledAt: row.throttled_at?.getTime() ?? null,
      waitingCalls: Number(row.waiting_calls),
      waitingSince: row.waiting_since?.getTime() ?? null,
      waitedMs: row.waiting_since ? now - row.waiting_since.getTime() : 0,
    }
  })
}
