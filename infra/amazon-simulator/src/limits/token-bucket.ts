import type { Plan } from './plans.ts'

/** Full at first; fills at the plan's rate up to its burst. */
export class TokenBucket {
  plan: Plan
  tokens: number
  #filledAt: number | null = null

  constructor(plan: Plan) {
    this.plan = plan
    this.tokens = plan.burst
  }

  /** Brings the tokens up to a moment, milliseconds. A clock that was set back fills nothing. */
  fill(now: number): void {
    const passedMs = Math.max(0, now - (this.#filledAt ?? now))
    this.#filledAt = now
    this.tokens = Math.min(this.plan.burst, this.tokens + (passedMs / 1000) * this.plan.rate)
  }
}
