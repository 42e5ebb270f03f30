import type { BudgetedCall, Priority } from '@backhaul/sp-api'
import type { Knex } from 'knex'
import { filled, type Limit, planned, unlimited } from './limit.ts'
import type { Plan } from './plans.ts'
import { type Scope, SHORT_WHILE_MS } from './scope.ts'

/** A call of one application. */
export type Asked = BudgetedCall & { readonly application: string }

/** The limits that a call is under; what is null does not exist. */
export interface LimitsOf {
  readonly application: Limit
  readonly seller: Limit
  readonly report_type: Limit | null
}

/** How many stay before a call, of those whose turn has come, and of all; by what they wait for. */
export interface Ahead {
  readonly ready: Readonly<Record<Scope, number>>
  readonly all: Readonly<Record<Scope, number>>
  readonly waitingSince: number
}

const ORDER: Readonly<Record<Priority, number>> = { interactive: 0, live: 1, backfill: 2 }

/** Many times what a turn takes. A process that is frozen in its turn loses it, and holds nobody up any longer. */
const LOCK_SETTINGS = `SET LOCAL lock_timeout = '15s'; SET LOCAL idle_in_transaction_session_timeout = '5s'`

/**
 * Begins a turn: from here to the end of the transaction nobody else takes, or learns about, calls of the operation.
 *
 * @returns Postgres's time, milliseconds, the only clock that counts; and the call's limits as they stand then.
 */
export async function beginTurn(
  tx: Knex.Transaction,
  asked: Asked,
  plan: Plan,
): Promise<{ now: number; limits: LimitsOf }> {
  await tx.raw(LOCK_SETTINGS)
  const { application, operation, sellerId, reportType } = asked
  const row = (seller_id: string, report_type: string, limit: Limit) => ({
    ...{ application, operation, seller_id, report_type },
    ...toRow(limit),
  })
  // A new limit has rested since the beginning of time.
  await tx('limits')
    .insert([
      row('', '', unlimited(0)),
      row(sellerId, '', planned(plan, 0)),
      ...(reportType === null ? [] : [row(sellerId, reportType, unlimited(0))]),
    ])
    .onConflict()
    .ignore()
  await tx('limits')
    .where({ application, operation, seller_id: '', report_type: '' })
    .forUpdate()
    .first('rate')
  const rows = await tx('limits')
    .where({ application, operation })
    .whereIn(
      ['seller_id', 'report_type'],
      [
        ['', ''],
        [sellerId, ''],
        [sellerId, reportType ?? ''],
      ],
    )
    .select('*', tx.raw('clock_timestamp() AS now'))
  const now = rows[0].now.getTime()
  const find = (seller: string, type: string) =>
    filled(fromRow(rows.find((r) => r.seller_id === seller && r.report_type === type)), now)
  const limits = {
    application: find('', ''),
    seller: find(sellerId, ''),
    report_type: reportType === null ? null : find(sellerId, reportType),
  }
  return { now, limits }
}

const keyOf = ({ application, operation, sellerId, reportType }: Asked, scope: Scope) => ({
  application,
  operation,
  seller_id: scope === 'application' ? '' : sellerId,
  report_type: scope === 'report_type' ? reportType : '',
})

/** @param noted Columns that tell what just happened: granted, accepted, throttled. */
export async function saveLimits(
  tx: Knex.Transaction,
  asked: Asked,
  limits: LimitsOf,
  noted: 'granted_at' | 'accepted_at' | 'throttled_at',
  now: number,
): Promise<void> {
  for (const scope of ['application', 'seller', 'report_type'] as const) {
    const limit = limits[scope]
    if (!limit || (scope === 'application' && limit.rate === null)) continue
    const row = { ...toRow(limit), [noted]: new Date(now) }
    await tx('limits').where(keyOf(asked, scope)).update(row)
  }
}

/**
 * Keeps a place for the call and tells how many are ahead of it. Within a seller the urgent go first, then those who wait
 * longest; between sellers, of equally urgent calls, each has one turn, and who had none for longest begins. Those that
 * have not asked for too long are dropped.
 */
export async function aheadOf(tx: Knex.Transaction, asked: Asked, now: number): Promise<Ahead> {
  const { application, operation, sellerId, reportType, ticket, priority } = asked
  const at = new Date(now)
  await tx('waiting_calls').where({ application, operation }).where('expires_at', '<', at).delete()
  await tx('waiting_calls')
    .insert({
      ...{ application, operation, ticket, seller_id: sellerId, report_type: reportType ?? '' },
      ...{ priority: ORDER[priority], waiting_since: at, ready_at: at, expires_at: at },
    })
    .onConflict(['application', 'operation', 'seller_id', 'ticket'])
    .merge({ priority: ORDER[priority] })
  const { rows } = await tx.raw(PLACES, { application, operation, sellerId, ticket, now: at })
  const [found] = rows
  const count = (kind: string): Record<Scope, number> => ({
    application: Number(found[`application_${kind}`]),
    seller: Number(found[`seller_${kind}`]),
    report_type: Number(found[`type_${kind}`]),
  })
  return { ready: count('ready'), all: count('all'), waitingSince: found.waiting_since.getTime() }
}

const PLACES = `
  WITH turns AS (
    SELECT w.*, s.granted_at,
           row_number() OVER (PARTITION BY w.seller_id ORDER BY w.priority, w.waiting_since, w.ticket) AS turn
    FROM waiting_calls w
    JOIN limits s ON (s.application, s.operation, s.seller_id, s.report_type) = (w.application, w.operation, w.seller_id, '')
    WHERE w.application = :application AND w.operation = :operation
  ), places AS (
    SELECT *, row_number() OVER (ORDER BY priority, turn, granted_at NULLS FIRST, waiting_since, ticket) AS place
    FROM turns
  )
  SELECT me.waiting_since,
         count(*) FILTER (WHERE p.place < me.place) AS application_all,
         count(*) FILTER (WHERE p.place < me.place AND p.ready_at <= :now) AS application_ready,
         count(*) FILTER (WHERE p.seller_id = me.seller_id AND p.turn < me.turn) AS seller_all,
         count(*) FILTER (WHERE p.seller_id = me.seller_id AND p.turn < me.turn AND p.ready_at <= :now) AS seller_ready,
         count(*) FILTER (WHERE p.seller_id = me.seller_id AND p.report_type = me.report_type AND p.turn < me.turn)
           AS type_all,
         count(*) FILTER (WHERE p.seller_id = me.seller_id AND p.report_type = me.report_type AND p.turn < me.turn
                            AND p.ready_at <= :now) AS type_ready
  FROM places p, places me
  WHERE me.seller_id = :sellerId AND me.ticket = :ticket
  GROUP BY me.waiting_since`

export async function keepPlace(
  tx: Knex.Transaction,
  asked: Asked,
  readyAt: number,
  expiresAt: number,
): Promise<void> {
  const times = { ready_at: new Date(readyAt), expires_at: new Date(expiresAt) }
  await tx('waiting_calls').where(placeOf(asked)).update(times)
}

export async function leaveQueue(db: Knex, asked: Asked): Promise<void> {
  await db('waiting_calls').where(placeOf(asked)).delete()
}

const placeOf = ({ application, operation, sellerId, ticket }: Asked) => ({
  ...{ application, operation, seller_id: sellerId, ticket },
})

/** What other answers of a short while ago say about a 429. */
export async function othersOf(
  tx: Knex.Transaction,
  { application, operation, sellerId, reportType }: Asked,
  now: number,
): Promise<{ otherSellersThrottled: number; otherTypeAccepted: boolean }> {
  const since = new Date(now - SHORT_WHILE_MS)
  const [found] = await tx('limits')
    .where({ application, operation })
    .select(
      tx.raw(
        `count(*) FILTER (WHERE seller_id NOT IN ('', ?) AND report_type = '' AND throttled_at > ?
           AND (accepted_at IS NULL OR accepted_at < throttled_at)) AS sellers`,
        [sellerId, since],
      ),
      tx.raw(
        `count(*) FILTER (WHERE seller_id = ? AND report_type NOT IN ('', ?) AND accepted_at > ?) AS types`,
        [sellerId, reportType ?? '', since],
      ),
    )
  return {
    otherSellersThrottled: Number(found.sellers),
    otherTypeAccepted: reportType !== null && Number(found.types) > 0,
  }
}

/** A row of `limits`. */
export interface LimitRow {
  readonly application: string
  readonly operation: string
  readonly seller_id: string
  readonly report_type: string
  readonly rate: number | null
  readonly burst: number
  readonly planned_rate: number | null
  readonly planned_burst: number
  readonly planned_from: 'plan' | 'header'
  readonly tokens: number
  readonly filled_at: Date
  readonly blocked_until: Date | null
  readonly cut_at: Date | null
  readonly accepted_in_row: number
  readonly throttled_at: Date | null
}

export const fromRow = (row: LimitRow): Limit => ({
  rate: row.rate,
  burst: row.burst,
  plannedRate: row.planned_rate,
  plannedBurst: row.planned_burst,
  plannedFrom: row.planned_from,
  tokens: row.tokens,
  filledAt: row.filled_at.getTime(),
  blockedUntil: row.blocked_until?.getTime() ?? null,
  cutAt: row.cut_at?.getTime() ?? null,
  acceptedInRow: row.accepted_in_row,
})

const instant = (ms: number | null) => (ms === null ? null : new Date(ms))

const toRow = (limit: Limit) => ({
  rate: limit.rate,
  burst: limit.burst,
  planned_rate: limit.plannedRate,
  planned_burst: limit.plannedBurst,
  planned_from: limit.plannedFrom,
  tokens: limit.tokens,
  filled_at: new Date(limit.filledAt),
  blocked_until: instant(limit.blockedUntil),
  cut_at: instant(limit.cutAt),
  accepted_in_row: limit.acceptedInRow,
})
