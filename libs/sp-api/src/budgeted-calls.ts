import { setTimeout as sleep } from 'node:timers/promises'
import type { BudgetedCall, CallBudget, Priority } from './call-budget.ts'
import { type Answer, rateOf, retryAfterMs } from './classify.ts'
import { SpApiError } from './errors.ts'

/** How one object's calls use the budget that all share. */
export interface BudgetUse {
  readonly budget: CallBudget
  readonly sellerId: string
  readonly priority: Priority
  /** Keeps the place in the queue between tries, such as the id of a run. */
  readonly ticket: string
  /** How long a call may wait for its turn, in place; 0 throws at once. */
  readonly patienceMs: number
}

/** Notes what Amazon answered. */
type Note = (answer: Answer) => Promise<void>

/** Takes the calls of one object from the shared budget. */
export class BudgetedCalls {
  readonly #use: BudgetUse | undefined
  readonly #signal: AbortSignal | undefined
  readonly #reserved = new Set<string>()

  constructor(use: BudgetUse | undefined, signal: AbortSignal | undefined) {
    this.#use = use
    this.#signal = signal
  }

  async reserve(operation: string, reportType: string | null): Promise<void> {
    await this.take(operation, reportType)
    this.#reserved.add(operation)
  }

  /**
   * Waits for the call's turn, as long as there is patience.
   *
   * @throws SpApiError `SP_API_BUDGET_SPENT`, retryable: the place in the queue is kept. The signal's reason: it is not.
   */
  async take(operation: string, reportType: string | null): Promise<Note> {
    const use = this.#use
    if (!use) return async () => {}
    const { budget, sellerId, priority, ticket } = use
    const call: BudgetedCall = { sellerId, operation, reportType, priority, ticket }
    if (!this.#reserved.delete(operation)) await this.#wait(use, call)
    return ({ status, headers }) =>
      budget.answered(call, {
        throttled: status === 429,
        rate: rateOf(headers),
        retryAfterMs: retryAfterMs(headers),
      })
  }

  async #wait({ budget, patienceMs }: BudgetUse, call: BudgetedCall): Promise<void> {
    const giveUpAt = performance.now() + patienceMs
    const signal = this.#signal
    for (;;) {
      signal?.throwIfAborted()
      const turn = await budget.ask(call)
      if (turn.granted) return
      if (performance.now() + turn.waitMs > giveUpAt) throw spent(call, turn)
      try {
        await sleep(turn.askAgainMs, undefined, signal && { signal })
      } catch {
        // A place that cannot be given up now ends by itself.
        await budget.giveUp(call).catch(() => {})
        signal?.throwIfAborted()
      }
    }
  }
}

function spent(
  { operation }: BudgetedCall,
  { waitMs, askAgainMs }: { waitMs: number; askAgainMs: number },
): SpApiError {
  const message = `${operation}: the budget has a call in about ${Math.ceil(waitMs / 1000)} s`
  return new SpApiError('SP_API_BUDGET_SPENT', message, {
    details: { operation, waitMs, retryAfterMs: askAgainMs },
  })
}
