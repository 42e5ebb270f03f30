import { fromCursor, pageOf, pageQuery, problemSchema, type RestApi, toCursor } from '@backhaul/http'
import { z } from 'zod'
import type { RateBudget } from './rate-budget.ts'
import type { BudgetLine } from './view.ts'

const instant = z.string().nullable()

const line = z.object({
  application: z.string(),
  sellerId: z.string().nullable().describe('Null: all sellers of the application together'),
  operation: z.string(),
  reportType: z.string().nullable().describe('Null: all types of reports'),
  callsPerSecond: z.number(),
  secondsPerCall: z.number(),
  burst: z.number().int().describe('Calls that may go out at once after a rest'),
  tokensLeft: z.number().describe('Calls that may go out at once now'),
  learnedFrom: z
    .enum(['plan', 'header', 'throttled'])
    .describe("Amazon's published plan, its header x-amzn-RateLimit-Limit, or its 429s"),
  blockedUntil: instant.describe('Nothing goes out before: Amazon said so'),
  lastThrottledAt: instant.describe("Amazon's last 429 to a call under this limit"),
  waitingCalls: z.number().int(),
  waitingSince: instant.describe('Since when the longest of them waits'),
})

export interface RateBudgetRoutes {
  readonly budget: RateBudget
  /** Sellers that a tenant has to do with; null for all. */
  readonly sellersOf: (tenantId: string) => Promise<ReadonlySet<string> | null>
}

/** `/v1/rate-budgets`: what is known of Amazon's quotas, what is left, and who waits. */
export function rateBudgetRoutes(api: RestApi, { budget, sellersOf }: RateBudgetRoutes): void {
  api.get(
    '/v1/rate-budgets',
    {
      config: { scopes: ['reports:read'] },
      schema: {
        summary: "Read what is left of Amazon's quotas",
        description:
          'One entry for each limit that is known: of a seller and operation, of a type of report, or of the whole application.',
        tags: ['Rate budgets'],
        querystring: z.object({
          sellerId: z.string().optional(),
          operation: z.string().optional(),
          ...pageQuery,
        }),
        response: { 200: pageOf(line), 422: problemSchema },
      },
    },
    async (request) => {
      const { limit, cursor, sellerId, operation } = request.query
      const after = fromCursor(cursor)
      const found = (await budget.lines(await sellersOf(request.caller.tenantId)))
        .filter(
          (l) =>
            (sellerId === undefined || l.sellerId === sellerId) &&
            (operation === undefined || l.operation === operation),
        )
        .filter((l) => after === null || positionOf(l) > after)
        .sort((a, b) => (positionOf(a) < positionOf(b) ? -1 : 1))
      const items = found.slice(0, limit)
      const last = found.length > limit ? items.at(-1) : undefined
      return { items: items.map(toAnswer), nextCursor: last ? toCursor(positionOf(last)) : null }
    },
  )
}

const positionOf = ({ operation, sellerId, reportType }: BudgetLine) =>
  [operation, sellerId ?? '', reportType ?? ''].join(' ')

const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())

const toAnswer = ({
  rate,
  throttledAt,
  blockedUntil,
  waitingSince,
  waitedMs: _,
  tokensLeft,
  ...same
}: BudgetLine) => ({
  ...same,
  callsPerSecond: rate,
  secondsPerCall: 1 / rate,
  tokensLeft: Math.floor(tokensLeft * 100) / 100,
  blockedUntil: iso(blockedUntil),
  lastThrottledAt: iso(throttledAt),
  waitingSince: iso(waitingSince),
})
