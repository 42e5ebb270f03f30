import { type Plan, type PlanRule, PUBLISHED_PLANS } from './plans.ts'
import { TokenBucket } from './token-bucket.ts'

/** When answers name the rate. Amazon does on 20x, 400 and 404, and normally not on 429. */
export type RateHeader = 'answers' | 'always' | 'never'

/** Who calls what. */
export interface LimitedCall {
  readonly operation: string
  readonly sellerId: string
  readonly reportType?: string | undefined
}

/** Token buckets as Amazon keeps them: by application, seller and operation, and by whatever rules add. */
export class Limits {
  rateHeader: RateHeader = 'answers'
  /** True lets the buckets fill with simulated time instead of real time. */
  simulatedTime = false
  /** Multiplies rates and bursts, for tests that are about something else. */
  readonly #factor: number
  readonly #simulatedNow: () => number
  readonly #buckets = new Map<string, TokenBucket>()
  #rules: readonly PlanRule[] = []

  constructor(factor: number, simulatedNow: () => number) {
    this.#factor = factor
    this.#simulatedNow = simulatedNow
  }

  get rules(): readonly PlanRule[] {
    return this.#rules
  }

  /** Adds rules; a later one takes the place of an earlier one about the same. Tokens above a new burst are lost. */
  add(rules: readonly PlanRule[]): void {
    this.#rules = [...this.#rules, ...rules]
  }

  /** Back to the published plans. Used-up tokens stay used up. */
  reset(): void {
    this.#rules = []
    this.rateHeader = 'answers'
    this.simulatedTime = false
  }

  /** The rate that an answer to the call names; null for operations without a plan. */
  rateOf(call: LimitedCall): number | null {
    return this.#planOf(call)?.rate ?? null
  }

  /** Takes one call from all buckets that it concerns, or from none. @returns False when one of them is empty. */
  take(call: LimitedCall): boolean {
    const now = this.simulatedTime ? this.#simulatedNow() : Date.now()
    const buckets = this.#bucketsOf(call)
    for (const bucket of buckets) bucket.fill(now)
    if (!buckets.every((bucket) => bucket.tokens >= 1)) return false
    for (const bucket of buckets) bucket.tokens -= 1
    return true
  }

  /** Buckets used so far with their tokens, by name. */
  state(): Record<string, Plan & { tokens: number }> {
    return Object.fromEntries(
      [...this.#buckets].map(([name, { plan, tokens }]) => [name, { ...plan, tokens }]),
    )
  }

  #bucketsOf(call: LimitedCall): TokenBucket[] {
    const { operation, sellerId, reportType } = call
    const named: [string, Plan | undefined][] = [
      [`seller ${sellerId} ${operation}`, this.#planOf(call)],
      [`application ${operation}`, this.#ruleOf(call, 'application', undefined)],
      [
        `seller ${sellerId} ${operation} ${reportType}`,
        reportType ? this.#ruleOf(call, 'seller', reportType) : undefined,
      ],
      [
        `application ${operation} ${reportType}`,
        reportType ? this.#ruleOf(call, 'application', reportType) : undefined,
      ],
    ]
    return named.flatMap(([name, plan]) => (plan ? [this.#bucket(name, plan)] : []))
  }

  #planOf(call: LimitedCall): Plan | undefined {
    const rule = this.#ruleOf(call, 'seller', undefined)
    if (rule) return rule
    const plan = PUBLISHED_PLANS[call.operation]
    return plan && { rate: plan.rate * this.#factor, burst: plan.burst * this.#factor }
  }

  #ruleOf(call: LimitedCall, scope: PlanRule['scope'], reportType: string | undefined): PlanRule | undefined {
    return this.#rules.findLast(
      (rule) =>
        rule.operation === call.operation &&
        rule.scope === scope &&
        rule.reportType === reportType &&
        (rule.sellerId === undefined || rule.sellerId === call.sellerId),
    )
  }

  #bucket(name: string, plan: Plan): TokenBucket {
    const there = this.#buckets.get(name)
    if (there) {
      there.plan = plan
      return there
    }
    const bucket = new TokenBucket(plan)
    this.#buckets.set(name, bucket)
    return bucket
  }
}
