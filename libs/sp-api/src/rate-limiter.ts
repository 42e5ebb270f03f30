/** Published defaults: calls a second and burst. Source: Selling Partner API usage plans. */
const PLANS: Readonly<Record<string, { rate: number; burst: number }>> = {
  createReport: { rate: 0.0167, burst: 15 },
  getReport: { rate: 2, burst: 15 },
  getReports: { rate: 0.0222, burst: 10 },
  getReportDocument: { rate: 0.0167, burst: 15 },
}

interface Bucket {
  tokens: number
  at: number
}

/** A token bucket for each seller and operation, in this process. It spares calls that would be throttled anyway. */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>()
  readonly #rates = new Map<string, number>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** Takes one call from the bucket. @returns 0 when it may be made now, else how long to wait, in milliseconds. */
  take(seller: string, operation: keyof typeof PLANS & string): number {
    const plan = PLANS[operation]
    if (!plan) return 0
    const key = `${seller}/${operation}`
    const now = this.#now()
    const bucket = this.#buckets.get(key) ?? { tokens: plan.burst, at: now }
    const rate = this.#rates.get(key) ?? plan.rate
    const tokens = Math.min(plan.burst, bucket.tokens + ((now - bucket.at) / 1000) * rate)
    if (tokens >= 1) {
      this.#buckets.set(key, { tokens: tokens - 1, at: now })
      return 0
    }
    this.#buckets.set(key, { tokens, at: now })
    return Math.ceil(((1 - tokens) / rate) * 1000)
  }

  /** Amazon told the seller's own rate, in calls a second: plans differ by seller and change. */
  learned(seller: string, operation: string, rate: number): void {
    this.#rates.set(`${seller}/${operation}`, rate)
  }

  /** Amazon throttled although the bucket said yes: it is empty. */
  emptied(seller: string, operation: string): void {
    this.#buckets.set(`${seller}/${operation}`, { tokens: 0, at: this.#now() })
  }
}
