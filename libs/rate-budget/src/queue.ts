import type { Priority } from '@backhaul/sp-api'
import type { Knex } from 'knex'
import type { Scope } from './scope.ts'
import type { Asked } from './store.ts'

/** How many stay before a call, of those whose turn has come, and of all; by what they wait for. */
export interface Ahead {
  readonly ready: Readonly<Record<Scope, number>>
  readonly all: Readonly<Record<Scope, number>>
  readonly waitingSince: number
}

const ORDER: Readonly<Record<Priority, number>> = { interactive: 0, live: 1, backfill: 2 }

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
