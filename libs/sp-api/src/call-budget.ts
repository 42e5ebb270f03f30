/** Whose calls go first where calls wait. */
export type Priority = 'interactive' | 'live' | 'backfill'

/** A call as Amazon counts it. */
export interface BudgetedCall {
  readonly sellerId: string
  readonly operation: string
  /** For createReport: quotas may differ by type. */
  readonly reportType: string | null
  readonly priority: Priority
  /** Keeps the caller's place while it waits; the same from try to try, such as the id of a run. */
  readonly ticket: string
}

/** What the budget says to a call. */
export type Turn =
  | { readonly granted: true }
  | {
      readonly granted: false
      /** How long it will take, as far as is known, milliseconds. */
      readonly waitMs: number
      /** When to ask again, at the latest: things change, and the place in the queue is kept only a little longer. */
      readonly askAgainMs: number
    }

/** What Amazon answered, as far as a quota can be learned from it. */
export interface QuotaAnswer {
  readonly throttled: boolean
  /** Calls a second, where the answer named them. */
  readonly rate: number | undefined
  readonly retryAfterMs: number | undefined
}

/** Shares Amazon's quotas between all who call. `libs/rate-budget` does it for all instances, in Postgres. */
export interface CallBudget {
  /** Takes one call, or keeps a place in the queue. */
  ask(call: BudgetedCall): Promise<Turn>
  /** Gives the place in the queue up. */
  giveUp(call: BudgetedCall): Promise<void>
  /** Learns from an answer. Never throws because the budget's store is down: the call was made, and its answer counts. */
  answered(call: BudgetedCall, answer: QuotaAnswer): Promise<void>
}
