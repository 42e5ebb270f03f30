import type { Metrics } from '@backhaul/runtime'
import type { BudgetedCall } from '@backhaul/sp-api'
import type { Logger } from 'pino'
import type { Limit } from './limit.ts'
import type { Scope } from './scope.ts'
import { showState } from './state-metrics.ts'
import type { BudgetLine } from './view.ts'

/** What the budget reports: line and metric together. */
export interface BudgetEvents {
  /** The budget is open, and can be asked where it stands. */
  opened(lines: () => Promise<BudgetLine[]>): void
  granted(call: BudgetedCall, waitedMs: number): void
  deferred(call: BudgetedCall, waitMs: number): void
  /** Amazon refused a call that the budget had let go. */
  throttled(call: BudgetedCall, scope: Scope, limit: Limit): void
  /** An answer taught nothing, as Postgres could not be reached. */
  lessonLost(call: BudgetedCall, error: unknown): void
}

const WAIT_BUCKETS_SECONDS = [0.01, 0.1, 1, 5, 15, 60, 300, 1800, 7200]

export function budgetEvents(log: Pick<Logger, 'debug' | 'warn'>, metrics: Metrics): BudgetEvents {
  const asked = metrics.counter('rate_budget_asked_total', 'Calls that asked for their turn, by outcome', [
    'operation',
    'priority',
    'outcome',
  ])
  const waits = metrics.histogram(
    'rate_budget_wait_seconds',
    'How long calls waited for their turn',
    ['operation', 'priority'],
    WAIT_BUCKETS_SECONDS,
  )
  const refused = metrics.counter('rate_budget_throttled_total', "Amazon's 429s, by what they are about", [
    'operation',
    'scope',
  ])
  const lost = metrics.counter('rate_budget_lessons_lost_total', 'Answers that nothing was learned from', [
    'operation',
  ])
  const about = ({ sellerId, operation, reportType, priority }: BudgetedCall) => ({
    ...{ sellerId, operation, reportType, priority },
  })
  return {
    opened: (lines) => showState(metrics, lines),
    granted({ operation, priority }, waitedMs) {
      asked.inc({ operation, priority, outcome: 'granted' })
      waits.observe({ operation, priority }, waitedMs / 1000)
    },
    deferred(call, waitMs) {
      const { operation, priority } = call
      log.debug({ ...about(call), waitMs }, 'call waits for its turn')
      asked.inc({ operation, priority, outcome: 'deferred' })
    },
    throttled(call, scope, { rate, burst, blockedUntil }) {
      log.warn({ ...about(call), scope, rate, burst, blockedUntil }, 'Amazon throttled, the budget is cut')
      refused.inc({ operation: call.operation, scope })
    },
    lessonLost(call, error) {
      log.warn({ ...about(call), err: error }, 'rate budget could not learn from an answer')
      lost.inc({ operation: call.operation })
    },
  }
}
