import type { Region } from '@backhaul/domain'
import type { z } from 'zod'
import type { TokenSource } from './access-tokens.ts'
import { BudgetedCalls, type BudgetUse } from './budgeted-calls.ts'
import { type Answer, classify, withoutSecrets } from './classify.ts'
import { withDeadline } from './deadline.ts'
import { SpApiError } from './errors.ts'
import {
  createdReport,
  type Participation,
  participations,
  type Report,
  type ReportDocument,
  type ReportRequest,
  type ReportsQuery,
  report,
  reportDocument,
  reportsPage,
} from './reports.ts'
import { type Call, send } from './send.ts'

/** Amazon answers within seconds or not at all; a gateway in front of it gives up after 30 s. */
const DEADLINE_MS = 60_000

/** Pages of getReports that are read; 100 reports each, more than one seller makes in 90 days. */
const MOST_PAGES = 50

const REPORTS = { endpoint: 'reports', version: '2021-06-30' } as const

export interface SpApiOptions {
  readonly region: Region
  readonly accessToken: TokenSource
  /** Shares Amazon's quotas with all who call for the same seller; without it calls go out as they come. */
  readonly budget?: BudgetUse
  /** A server that answers in Amazon's place. */
  readonly amazonUrl?: string | undefined
  /** Aborts what is under way, on the wire too. */
  readonly signal?: AbortSignal
  /** For one call: getting the token, sending, and reading the answer. Waiting for the budget is not in it. */
  readonly deadlineMs?: number
}

/** The operations that are called. */
export type Operation =
  | 'createReport'
  | 'getReport'
  | 'getReports'
  | 'cancelReport'
  | 'getReportDocument'
  | 'getMarketplaceParticipations'

/**
 * Amazon's Selling Partner API for one seller in one region. Nothing is tried again by itself, but for a call that was
 * refused because of its token: it is made once more with a fresh one.
 *
 * All calls throw SpApiError; codes and next steps are in errors.ts.
 */
export class SpApi {
  readonly #options: SpApiOptions
  readonly #budget: BudgetedCalls

  constructor(options: SpApiOptions) {
    this.#options = options
    this.#budget = new BudgetedCalls(options.budget, options.signal)
  }

  /**
   * Takes a call from the budget ahead of making it, so that what has to be noted right before the call is not noted for
   * nothing. The next call of the operation by this object uses it.
   *
   * @throws SpApiError `SP_API_BUDGET_SPENT`, retryable, with `retryAfterMs`.
   */
  reserve(operation: Operation, reportType: string | null = null): Promise<void> {
    return this.#budget.reserve(operation, reportType)
  }

  /**
   * Asks for one report and returns its id at once. There is no idempotency key: after a lost answer look for the report
   * with `getReports` first. Default plan: one call a minute, burst 15.
   */
  async createReport(body: ReportRequest): Promise<string> {
    const call = { ...REPORTS, operation: 'createReport', body } as const
    return (await this.#call(call, createdReport, body.reportType)).reportId
  }

  /** Default plan: two calls a second, burst 15. */
  getReport(reportId: string): Promise<Report> {
    return this.#call({ ...REPORTS, operation: 'getReport', path: { reportId } }, report)
  }

  /** Reports created since an instant, newest first, all pages. Default plan: one call in 45 s, burst 10. */
  async getReports(query: ReportsQuery): Promise<Report[]> {
    const reports: Report[] = []
    let nextToken: string | undefined
    for (let page = 1; page <= MOST_PAGES; page++) {
      // The token must be sent alone.
      const asked = nextToken === undefined ? { ...query, pageSize: 100 } : { nextToken }
      const answer = await this.#call({ ...REPORTS, operation: 'getReports', query: asked }, reportsPage)
      reports.push(...answer.reports)
      nextToken = answer.nextToken
      if (nextToken === undefined) return reports
    }
    throw new SpApiError(
      'SP_API_AMAZON_FAILED',
      `getReports: more than ${MOST_PAGES} pages, ask for a shorter time`,
      {
        details: { operation: 'getReports' },
      },
    )
  }

  /** Works only while the report is IN_QUEUE, else `SP_API_INVALID_INPUT`. Default plan: one call in 45 s, burst 10. */
  async cancelReport(reportId: string): Promise<void> {
    await this.#call({ ...REPORTS, operation: 'cancelReport', path: { reportId } }, null)
  }

  /** Gives the document a fresh address. Default plan: one call a minute, burst 15. */
  getReportDocument(reportDocumentId: string): Promise<ReportDocument> {
    const call = { ...REPORTS, operation: 'getReportDocument', path: { reportDocumentId } } as const
    return this.#call(call, reportDocument)
  }

  /** Marketplaces of the account; also lists odd entries that are no marketplaces. Default plan: 0.016/s, burst 15. */
  async marketplaceParticipations(): Promise<Participation[]> {
    const call = { operation: 'getMarketplaceParticipations', endpoint: 'sellers', version: 'v1' } as const
    const { payload } = await this.#call(call, participations)
    return payload.map(({ marketplace, participation }) => ({
      marketplaceId: marketplace.id,
      isParticipating: participation.isParticipating,
    }))
  }

  /** @param result What the answer must be; null where Amazon answers with nothing. */
  async #call<R extends z.ZodType | null>(
    call: Call & { operation: Operation },
    result: R,
    reportType: string | null = null,
  ): Promise<R extends z.ZodType ? z.output<R> : undefined> {
    const token = await this.#timed(call, () => this.#options.accessToken.get())
    let answer = await this.#answer(call, token, reportType)
    if (answer instanceof SpApiError && isOfToken(answer)) {
      const fresh = await this.#timed(call, () => this.#options.accessToken.renew(token))
      answer = await this.#answer(call, fresh, reportType)
    }
    if (answer instanceof SpApiError) throw answer
    return parsed(call.operation, answer, result)
  }

  /** Amazon's refusals come back, to be looked at; all else is thrown. */
  async #answer(call: Call, accessToken: string, reportType: string | null): Promise<Answer | SpApiError> {
    const { region, amazonUrl } = this.#options
    const note = await this.#budget.take(call.operation, reportType)
    const answer = await this.#timed(call, (signal) => send(call, { region, accessToken, amazonUrl, signal }))
    const refusal = answer.status >= 200 && answer.status < 300 ? undefined : classify(call.operation, answer)
    await note(answer)
    return refusal ?? answer
  }

  #timed<T>({ operation }: Call, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { deadlineMs = DEADLINE_MS, signal } = this.#options
    return withDeadline(work, deadlineMs, signal, () => {
      const message = `${operation}: no answer within ${deadlineMs / 1000} s`
      return new SpApiError('SP_API_DEADLINE', message, { details: { operation } })
    })
  }
}

/** A 403 of another cause may look like a refused token, and the other way round: a fresh token tells. */
const isOfToken = ({ code }: SpApiError) => code === 'SP_API_UNAUTHORIZED' || code === 'SP_API_ROLE_MISSING'

function parsed<R extends z.ZodType | null>(operation: string, { status, headers, body }: Answer, result: R) {
  if (!result) return undefined as never
  const failed = (told: string) =>
    new SpApiError('SP_API_AMAZON_FAILED', `${operation}: ${told}`, {
      details: { operation, status, requestId: headers['x-amzn-requestid'] },
    })
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    throw failed("Amazon's answer is not JSON")
  }
  const found = result.safeParse(json)
  if (found.success) return found.data as never
  const where = found.error.issues.map(({ path, message }) => `${path.join('.') || 'answer'}: ${message}`)
  throw failed(`Amazon's answer is not what its model says: ${withoutSecrets(where.join('; '))}`)
}
