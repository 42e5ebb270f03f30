import { setTimeout as sleep } from 'node:timers/promises'
import type { BudgetedCall } from '@backhaul/sp-api'
import { freshDatabase } from '@backhaul/testing'
import pg from 'pg'
import { type BudgetEvents, openRateBudget, type Plans, type RateBudget } from '../src/index.ts'

export const NO_EVENTS: BudgetEvents = {
  opened() {},
  granted() {},
  deferred() {},
  throttled() {},
  lessonLost() {},
}

/** A grant, as Postgres saw it. */
export interface Grant {
  readonly sellerId: string
  readonly at: number
}

/** A database of one's own in which every grant is noted by a trigger, and budgets on it. */
export async function startGround() {
  const database = await freshDatabase()
  const postgres = new pg.Pool({ connectionString: database.url, max: 2 })
  const open: RateBudget[] = []
  return {
    url: database.url,
    postgres,

    /** Another instance: a pool of its own. */
    async instance(plans: Plans): Promise<RateBudget> {
      const budget = await openRateBudget({
        url: database.url,
        application: 'test',
        events: NO_EVENTS,
        plans,
      })
      open.push(budget)
      return budget
    },

    async noteGrants(): Promise<void> {
      await postgres.query(`
        CREATE TABLE IF NOT EXISTS grants (seller_id text, at timestamptz);
        CREATE OR REPLACE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO public.grants VALUES (NEW.seller_id, NEW.granted_at); RETURN NEW; END $$;
        CREATE OR REPLACE TRIGGER note AFTER UPDATE OF granted_at ON rate_budget.limits FOR EACH ROW
          WHEN (NEW.seller_id <> '' AND NEW.report_type = '') EXECUTE FUNCTION note()`)
    },

    async grants(): Promise<Grant[]> {
      const { rows } = await postgres.query('SELECT seller_id, at FROM grants ORDER BY at, ctid')
      return rows.map(({ seller_id, at }) => ({ sellerId: seller_id, at: at.getTime() }))
    },

    async close() {
      await Promise.all(open.map((budget) => budget.close()))
      await postgres.end()
      await database.drop()
    },
  }
}

export type Ground = Awaited<ReturnType<typeof startGround>>

export const callOf = (given: Partial<BudgetedCall> & { ticket: string }): BudgetedCall => ({
  sellerId: 'A',
  operation: 'createReport',
  reportType: null,
  priority: 'live',
  ...given,
})

/** Asks until it is the call's turn. */
export async function turnOf(budget: RateBudget, call: BudgetedCall, signal?: AbortSignal): Promise<void> {
  for (;;) {
    signal?.throwIfAborted()
    const turn = await budget.ask(call)
    if (turn.granted) return
    await sleep(turn.askAgainMs, undefined, signal && { signal })
  }
}

export const ACCEPTED = { throttled: false, rate: undefined, retryAfterMs: undefined }
export const REFUSED = { ...ACCEPTED, throttled: true }
