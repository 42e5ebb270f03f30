/** Amazon's published plans: calls a second and burst. Source: Reports API 2021-06-30, Sellers API v1. */
const PLANS: Readonly<Record<string, { rate: number; burst: number }>> = {
  createReport: { rate: 0.0167, burst: 15 },
  getReport: { rate: 2, burst: 15 },
  getReports: { rate: 0.0222, burst: 10 },
  cancelReport: { rate: 0.0222, burst: 10 },
  getReportDocument: { rate: 0.0167, burst: 15 },
  getMarketplaceParticipations: { rate: 0.016, burst: 15 },
}

/** Token buckets by operation. `loosened` multiplies rates and bursts, for tests that are about something else. */
export class Throttle {
  readonly #loosened: number
  readonly #buckets = new Map<string, { tokens: number; at: number }>()

  constructor(loosened: number) {
    this.#loosened = loosened
  }

  rateOf(operation: string): number | null {
    const plan = PLANS[operation]
    return plan ? plan.rate * this.#loosened : null
  }

  /** Takes one call. @returns False when the quota is used up. */
  take(operation: string): boolean {
    const plan = PLANS[operation]
    if (!plan) return true
    const burst = plan.burst * this.#loosened
    const now = Date.now()
    const before = this.#buckets.get(operation) ?? { tokens: burst, at: now }
    const tokens = Math.min(burst, before.tokens + ((now - before.at) / 1000) * plan.rate * this.#loosened)
    this.#buckets.set(operation, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now })
    return tokens >= 1
  }
}
