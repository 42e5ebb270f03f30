import type { Region } from '@backhaul/domain'
import { SellingPartner } from 'amazon-sp-api'
import { AmazonOverrideAgent } from './amazon-agent.ts'
import { classify, SpApiError } from './errors.ts'
import { withDeadline } from './with-deadline.ts'

const DEADLINE_MS = 60_000
const TIMEOUTS = { response: 30_000, idle: 30_000, deadline: 50_000 }

export interface SpApiOptions {
  readonly region: Region
  /** A valid access token; asked for once a call. */
  readonly accessToken: () => Promise<string>
  /** A server that answers in Amazon's place. */
  readonly amazonUrl?: string | undefined
  readonly signal?: AbortSignal
  readonly deadlineMs?: number
  /** Told of each refusal by Amazon before it is thrown: an emptied quota, an expired token. */
  readonly onRefused?: (operation: string, error: SpApiError) => Promise<void>
  /** Told the seller's rate of an operation, in calls a second, where Amazon's answer names it. */
  readonly onRate?: (operation: string, rate: number) => void
}

interface RawResult {
  readonly body: string
  readonly chunks: readonly Uint8Array[]
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** One call of an operation, by the npm client's names. */
interface Call {
  readonly operation: string
  readonly endpoint: string
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: object
}

/** States of a report at Amazon. Source: Reports API 2021-06-30. */
export type ProcessingStatus = 'IN_QUEUE' | 'IN_PROGRESS' | 'DONE' | 'CANCELLED' | 'FATAL'

/** A report as Amazon tells it; instants are ISO text. */
export interface Report {
  readonly reportId: string
  readonly reportType: string
  readonly processingStatus: ProcessingStatus
  readonly createdTime: string
  readonly marketplaceIds?: readonly string[]
  readonly dataStartTime?: string
  readonly dataEndTime?: string
  readonly reportScheduleId?: string
  readonly processingStartTime?: string
  readonly processingEndTime?: string
  readonly reportDocumentId?: string
}

export interface ReportRequest {
  readonly reportType: string
  readonly marketplaceIds: readonly string[]
  readonly dataStartTime: string
  readonly dataEndTime: string
}

export interface ReportDocument {
  readonly reportDocumentId: string
  /** Valid for five minutes. */
  readonly url: string
  readonly compressionAlgorithm?: 'GZIP'
}

export interface Participation {
  readonly marketplaceId: string
  readonly isParticipating: boolean
}

/** Amazon's Selling Partner API for one seller in one region; a fresh request object a call, no retries of its own. */
export class SpApi {
  readonly #options: SpApiOptions

  constructor(options: SpApiOptions) {
    this.#options = options
  }

  /** Asks for one report and returns its id at once; unique only together with the seller. Default plan: one a minute, burst 15. */
  async createReport(body: ReportRequest): Promise<string> {
    const created = await this.#call<{ reportId: string }>({
      operation: 'createReport',
      endpoint: 'reports',
      body,
    })
    return created.reportId
  }

  getReport(reportId: string): Promise<Report> {
    return this.#call<Report>({ operation: 'getReport', endpoint: 'reports', path: { reportId } })
  }

  /** Reports created since an instant, newest first, all pages. Default plan: one call in 45 s, burst 10. */
  async getReports(query: {
    reportTypes: readonly string[]
    marketplaceIds: readonly string[]
    createdSince: string
  }): Promise<Report[]> {
    const reports: Report[] = []
    let nextToken: string | undefined
    do {
      // The token must be sent alone.
      const page: { reports: Report[]; nextToken?: string } = await this.#call({
        operation: 'getReports',
        endpoint: 'reports',
        query: nextToken ? { nextToken } : { ...query, pageSize: 100 },
      })
      reports.push(...page.reports)
      nextToken = page.nextToken
    } while (nextToken)
    return reports
  }

  /** Works only while the report is IN_QUEUE. Amazon answers with an empty body. */
  async cancelReport(reportId: string): Promise<void> {
    await this.#call({ operation: 'cancelReport', endpoint: 'reports', path: { reportId } })
  }

  getReportDocument(reportDocumentId: string): Promise<ReportDocument> {
    return this.#call<ReportDocument>({
      operation: 'getReportDocument',
      endpoint: 'reports',
      path: { reportDocumentId },
    })
  }

  /** Marketplaces of the account; also lists odd entries that are no marketplaces. Default plan: 0.016/s, burst 15. */
  async marketplaceParticipations(): Promise<Participation[]> {
    const { payload } = await this.#call<{
      payload: { marketplace: { id: string }; participation: { isParticipating: boolean } }[]
    }>({ operation: 'getMarketplaceParticipations', endpoint: 'sellers' })
    return payload.map(({ marketplace, participation }) => ({
      marketplaceId: marketplace.id,
      isParticipating: participation.isParticipating,
    }))
  }

  async #call<T>(call: Call): Promise<T> {
    const { region, accessToken, amazonUrl, signal, deadlineMs = DEADLINE_MS } = this.#options
    const partner = new SellingPartner({
      region,
      refresh_token: 'unused: access tokens are given',
      access_token: await accessToken(),
      credentials: { SELLING_PARTNER_APP_CLIENT_ID: 'unused', SELLING_PARTNER_APP_CLIENT_SECRET: 'unused' },
      options: {
        auto_request_tokens: false,
        auto_request_throttled: false,
        retry_remote_timeout: false,
        version_fallback: false,
        timeouts: TIMEOUTS,
        user_agent: 'Backhaul/0.1 (Language=TypeScript)',
        ...(amazonUrl && { https_proxy_agent: new AmazonOverrideAgent(amazonUrl) }),
      },
    })
    const request = { ...call, options: { raw_result: true } }
    const { operation } = call
    let raw: RawResult
    try {
      raw = (await withDeadline(
        operation,
        deadlineMs,
        signal,
        partner.callAPI(request as never),
      )) as unknown as RawResult
    } catch (cause) {
      if (cause instanceof SpApiError || signal?.aborted) throw cause
      throw new SpApiError('SP_API_NETWORK', `${operation}: the connection to Amazon failed`, {
        retryable: true,
        details: { operation, networkCode: (cause as { code?: string }).code },
      })
    }
    // Decoded whole: the client decodes chunk by chunk and damages letters on a border.
    const body = Buffer.concat(raw.chunks.map((chunk) => Buffer.from(chunk))).toString('utf8')
    const requestId = raw.headers['x-amzn-requestid']
    const rate = Number(raw.headers['x-amzn-ratelimit-limit'])
    if (rate > 0) this.#options.onRate?.(operation, rate)
    if (raw.statusCode >= 300) {
      const refusal = classify(operation, raw.statusCode, body, requestId)
      await this.#options.onRefused?.(operation, refusal)
      throw refusal
    }
    if (body.trim() === '') return undefined as T
    try {
      return JSON.parse(body) as T
    } catch {
      throw new SpApiError('SP_API_AMAZON_FAILED', `${operation}: Amazon's answer is not JSON`, {
        retryable: true,
        details: { operation, status: raw.statusCode, requestId },
      })
    }
  }
}
