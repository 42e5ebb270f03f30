import { toFault } from '@backhaul/postgres'
import type { Knex } from 'knex'
import type { CancelledClass } from '../report-run.ts'

const DAY_MS = 86_400_000

/** What the ledger knows of one day of one marketplace. */
export interface DayRead {
  readonly marketplaceId: string
  /** UTC, YYYY-MM-DD. */
  readonly day: string
  /** True when windows that were read, or are known to be empty, cover it without a gap. */
  readonly isWhole: boolean
  /** Up to where the day was read, milliseconds; null when none of it was. */
  readonly readUpTo: number | null
  /** The last run that read of it, and how many rows it told of that day. */
  readonly lastRead: {
    readonly reportRunId: string
    readonly endedAt: number
    readonly rows: number
    /** Why there was no document; null where there was one. */
    readonly cancelledClass: CancelledClass | null
    readonly error: string | null
  } | null
  /** The newest run that was to read of it and did not. */
  readonly missed: {
    readonly reportRunId: string
    readonly state: string
    readonly error: string | null
  } | null
}

export interface DaysAsked {
  readonly tenantId: string
  readonly integrationId: string
  /** First day, and the day after the last, UTC. */
  readonly from: string
  readonly to: string
  /** Told beside those that were ever read. */
  readonly marketplaceIds: readonly string[]
}

/**
 * Each day of each marketplace, from the windows of runs as the ledger holds them: nothing else is kept that could differ.
 *
 * @throws Fault `POSTGRES_UNAVAILABLE`, retryable.
 */
export async function daysRead(db: Knex, asked: DaysAsked): Promise<DayRead[]> {
  const { tenantId, integrationId, from, to, marketplaceIds } = asked
  try {
    const { rows } = await db.raw(QUERY, {
      tenantId,
      integrationId,
      from,
      lastDay: new Date(Date.parse(to) - DAY_MS).toISOString().slice(0, 10),
      fromMs: Date.parse(from),
      toMs: Date.parse(to),
      marketplaceIds: [...marketplaceIds],
      dayMs: DAY_MS,
    })
    return rows.map(fromRow)
  } catch (error) {
    throw toFault(error)
  }
}

const QUERY = `
WITH runs AS MATERIALIZED (
  SELECT id, marketplace_id, state, window_from, window_to, proven_to, ended_at, started_at, run
  FROM report_runs
  WHERE tenant_id = :tenantId AND integration_id = :integrationId
    AND window_from < CAST(:toMs AS bigint) AND window_to > CAST(:fromMs AS bigint) AND window_from < window_to
), days AS (
  SELECT marketplace_id, to_char(day, 'YYYY-MM-DD') AS day,
    CAST(extract(epoch FROM day) * 1000 AS bigint) AS starts,
    CAST(extract(epoch FROM day) * 1000 AS bigint) + CAST(:dayMs AS bigint) AS ends
  FROM (SELECT marketplace_id FROM runs UNION SELECT unnest(CAST(:marketplaceIds AS text[]))) AS m,
    generate_series(CAST(:from AS timestamp), CAST(:lastDay AS timestamp), interval '1 day') AS day
)
SELECT days.marketplace_id, days.day,
  coalesce(parts.read @> int8range(days.starts, days.ends), false) AS is_whole,
  upper(parts.read) AS read_up_to,
  last_read.*, missed.*
FROM days
LEFT JOIN LATERAL (
  SELECT range_agg(int8range(greatest(r.window_from, days.starts), least(r.proven_to, days.ends))) AS read
  FROM runs r
  WHERE r.marketplace_id = days.marketplace_id AND r.window_from < days.ends AND r.proven_to > days.starts
) AS parts ON true
LEFT JOIN LATERAL (
  SELECT r.id AS read_by, r.ended_at AS read_at, coalesce(CAST(r.run -> 'rowsByDay' ->> days.day AS bigint), 0) AS rows,
    CASE r.state WHEN 'CANCELLED' THEN r.run ->> 'cancelledClass' END AS read_class, r.run ->> 'error' AS read_error
  FROM runs r
  WHERE r.marketplace_id = days.marketplace_id AND r.window_from < days.ends AND r.proven_to > days.starts
  ORDER BY r.ended_at DESC LIMIT 1
) AS last_read ON true
LEFT JOIN LATERAL (
  SELECT r.id AS missed_by, r.state AS missed_state, r.run ->> 'error' AS missed_error
  FROM runs r
  WHERE r.marketplace_id = days.marketplace_id AND r.window_from < days.ends AND r.window_to > days.starts
    AND coalesce(r.proven_to, 0) < least(r.window_to, days.ends)
  ORDER BY r.started_at DESC LIMIT 1
) AS missed ON true
ORDER BY days.day, days.marketplace_id`

// biome-ignore lint/suspicious/noExplicitAny: a row as the driver gives it
const fromRow = (row: any): DayRead => ({
  marketplaceId: row.marketplace_id,
  day: row.day,
  isWhole: row.is_whole,
  readUpTo: row.read_up_to === null ? null : Number(row.read_up_to),
  lastRead: row.read_by && {
    reportRunId: row.read_by,
    endedAt: Number(row.read_at),
    rows: Number(row.rows),
    cancelledClass: row.read_class,
    error: row.read_error,
  },
  missed: row.missed_by && {
    reportRunId: row.missed_by,
    state: row.missed_state,
    error: row.missed_error,
  },
})
