import { isRetryable } from '@backhaul/domain'
import { migrate, openKnex, toFault } from '@backhaul/postgres'
import type { BudgetedCall, CallBudget, QuotaAnswer, Turn } from '@backhaul/sp-api'
import type { Knex } from 'knex'
import type { BudgetEvents } from './events.ts'
import { accepted, type Limit, taken, throttled, waitOf } from './limit.ts'
import { migrations } from './migrations.ts'
import { DEFAULT_PLANS, type Plan, type Plans, UNKNOWN_PLAN } from './plans.ts'
import { type Scope, scopeOfThrottle } from './scope.ts'
import {
  type Asked,
  aheadOf,
  beginTurn,
  keepPlace,
  type LimitsOf,
  leaveQueue,
  othersOf,
  saveLimits,
} from './store.ts'
import { Turns } from './turns.ts'
import { type BudgetLine, linesOf } from './view.ts'

const schema = 'rate_budget'
const CONNECTIONS = 4

/** Shorter waits are slept through. Of longer ones half, and never more than a minute: limits change, others leave. */
const SLEPT_THROUGH_MS = 10_000
const ASK_AGAIN_MS = 60_000
/** A place is kept so long after the call should have asked again: a worker may be busy, a crashed one is not waited for. */
const GRACE_MS = 30_000
/** Backfills leave a third of a burst to all else. */
const BACKFILL_LEAVES = 1 / 3

const SCOPES = ['application', 'seller', 'report_type'] as const

/** What is done in a turn, with the limits as they stand. */
type Work<T> = (tx: Knex.Transaction, now: number, limits: LimitsOf) => Promise<T>

export interface RateBudgetOptions {
  /** `postgres://user:password@host/database`: the one that all instances share. */
  readonly url: string
  /** The application at Amazon that the quotas belong to. */
  readonly application: string
  readonly events: BudgetEvents
  /** Other plans than Amazon's, for a server in its place. */
  readonly plans?: Plans
}

/**
 * Opens the budget and brings its schema up to date.
 *
 * @throws Fault `POSTGRES_UNAVAILABLE` or `POSTGRES_CONFLICT`, retryable.
 */
export async function openRateBudget(options: RateBudgetOptions): Promise<RateBudget> {
  const { url, events } = options
  await migrate({ url, schema, migrations })
  const budget = new RateBudget(openKnex({ url, schema }, CONNECTIONS), options)
  events.opened(() => budget.lines(null))
  return budget
}

/**
 * Amazon's quotas, shared by all who use the same database: however many instances ask, together they never exceed what is
 * known of a quota. Calls take turns by Postgres's clock, under a lock for each operation; a crash at any point leaves
 * nothing behind but a place in the queue that ends by itself.
 *
 * All throw Fault `POSTGRES_UNAVAILABLE` or `POSTGRES_CONFLICT`, retryable.
 */
export class RateBudget implements CallBudget {
  readonly #db: Knex
  readonly #application: string
  readonly #events: BudgetEvents
  readonly #plans: Plans
  readonly #turns = new Map<string, Turns>()

  constructor(db: Knex, { application, events, plans = DEFAULT_PLANS }: RateBudgetOptions) {
    this.#db = db
    this.#application = application
    this.#events = events
    this.#plans = plans
  }

  close(): Promise<void> {
    return this.#db.destroy()
  }

  async ask(call: BudgetedCall): Promise<Turn> {
    const asked = { ...call, application: this.#application }
    const { turn, waitedMs } = await this.#inTurn('question', asked, async (tx, now, limits) => {
      const ahead = await aheadOf(tx, asked, now)
      const waitFor = (of: Readonly<Record<Scope, number>>) =>
        Math.max(...SCOPES.map((scope) => waitAt(limits[scope], of[scope], call, scope)))
      const waitedMs = now - ahead.waitingSince
      if (waitFor(ahead.ready) <= 0) {
        await leaveQueue(tx, asked)
        await saveLimits(tx, asked, mapped(limits, taken), 'granted_at', now)
        return { turn: { granted: true } as Turn, waitedMs }
      }
      const waitMs = Math.ceil(waitFor(ahead.all))
      const askAgainMs = waitMs <= SLEPT_THROUGH_MS ? waitMs : Math.min(waitMs / 2, ASK_AGAIN_MS)
      await keepPlace(tx, asked, now + waitMs, now + askAgainMs + GRACE_MS)
      return { turn: { granted: false, waitMs, askAgainMs } as Turn, waitedMs }
    })
    if (turn.granted) this.#events.granted(call, waitedMs)
    else this.#events.deferred(call, turn.waitMs)
    return turn
  }

  async giveUp(call: BudgetedCall): Promise<void> {
    try {
      await leaveQueue(this.#db, { ...call, application: this.#application })
    } catch (error) {
      throw toFault(error)
    }
  }

  async answered(call: BudgetedCall, answer: QuotaAnswer): Promise<void> {
    const asked = { ...call, application: this.#application }
    try {
      const cut = await this.#inTurn('lesson', asked, async (tx, now, limits) => {
        if (!answer.throttled) {
          const learned = mapped(limits, (limit, scope) =>
            // The header tells the seller's own rate.
            limit.rate === null
              ? limit
              : accepted(limit, scope === 'seller' ? answer : { rate: undefined }, now),
          )
          await saveLimits(tx, asked, learned, 'accepted_at', now)
          return null
        }
        const scope = scopeOfThrottle({
          applicationLimited: limits.application.rate !== null,
          reportTypeLimited: (limits.report_type?.rate ?? null) !== null,
          ...(await othersOf(tx, asked, now)),
        })
        const otherwise = limits.seller.plannedRate ?? this.#planOf(call).rate
        const learned = mapped(limits, (limit, of) =>
          of === scope ? throttled(limit, answer, otherwise, now) : limit,
        )
        await saveLimits(tx, asked, learned, 'throttled_at', now)
        return { scope, limit: learned[scope] as Limit }
      })
      if (cut) this.#events.throttled(call, cut.scope, cut.limit)
    } catch (error) {
      if (!isRetryable(error)) throw error
      this.#events.lessonLost(call, error)
    }
  }

  /** @param sellers Whose limits to list; null for all. Those of the whole application are always listed. */
  async lines(sellers: ReadonlySet<string> | null): Promise<BudgetLine[]> {
    try {
      return await linesOf(this.#db, this.#application, sellers)
    } catch (error) {
      throw toFault(error)
    }
  }

  /** One turn at a time of each operation: a process that is frozen has no more than one to lose. */
  #inTurn<T>(kind: 'lesson' | 'question', asked: Asked, work: Work<T>): Promise<T> {
    const turns = this.#turns.get(asked.operation) ?? new Turns()
    this.#turns.set(asked.operation, turns)
    return turns.run(kind, () => this.#turn(asked, work))
  }

  async #turn<T>(asked: Asked, work: Work<T>): Promise<T> {
    try {
      return await this.#db.transaction(async (tx) => {
        const { now, limits } = await beginTurn(tx, asked, this.#planOf(asked))
        return work(tx, now, limits)
      })
    } catch (error) {
      throw toFault(error)
    }
  }

  #planOf({ operation }: BudgetedCall): Plan {
    return this.#plans[operation] ?? UNKNOWN_PLAN
  }
}

function waitAt(limit: Limit | null, ahead: number, { priority }: BudgetedCall, scope: Scope): number {
  if (!limit) return 0
  const reserve =
    priority === 'backfill' && scope !== 'report_type' ? Math.floor(limit.burst * BACKFILL_LEAVES) : 0
  return waitOf(limit, ahead, reserve)
}

const mapped = (limits: LimitsOf, change: (limit: Limit, scope: Scope) => Limit): LimitsOf => ({
  application: change(limits.application, 'application'),
  seller: change(limits.seller, 'seller'),
  report_type: limits.report_type && change(limits.report_type, 'report_type'),
})
