import { type Download, downloadDocument, type RateLimiter, type Report, SpApi } from '@backhaul/sp-api'
import type { ReportRun } from '../report-run.ts'
import type { Settings } from './settings.ts'

export interface AmazonDeps {
  readonly settings: Settings
  readonly limiter: RateLimiter
  readonly amazonUrl: string | undefined
  readonly signal: AbortSignal
}

/** No call is left in the budget for so long. */
export interface Held {
  readonly forMs: number
}

const iso = (ms: number) => new Date(ms).toISOString()

/** Amazon's reports, as a run needs them; each call takes its share of the seller's budget, or is held. */
export class Amazon {
  readonly #deps: AmazonDeps

  constructor(deps: AmazonDeps) {
    this.#deps = deps
  }

  /** Reports of the run's kind and marketplace that were made since. */
  async listReports(run: ReportRun, since: number): Promise<Held | Report[]> {
    return (
      this.#held(run, 'getReports') ??
      (await this.#api(run).getReports({
        reportTypes: [run.reportType],
        marketplaceIds: [run.marketplaceId],
        createdSince: iso(since),
      }))
    )
  }

  /** @returns The report's id. */
  async createReport(run: ReportRun, from: number, to: number): Promise<Held | string> {
    return (
      this.#held(run, 'createReport') ??
      (await this.#api(run).createReport({
        reportType: run.reportType,
        marketplaceIds: [run.marketplaceId],
        dataStartTime: iso(from),
        dataEndTime: iso(to),
      }))
    )
  }

  async getReport(run: ReportRun): Promise<Held | Report> {
    return this.#held(run, 'getReport') ?? (await this.#api(run).getReport(run.reportId as string))
  }

  async cancelReport(run: ReportRun): Promise<void> {
    await this.#api(run).cancelReport(run.reportId as string)
  }

  /** A document as Amazon sends it. */
  async document(run: ReportRun, reportDocumentId: string): Promise<Held | Download> {
    const held = this.#held(run, 'getReportDocument')
    if (held) return held
    const { url } = await this.#api(run).getReportDocument(reportDocumentId)
    const { amazonUrl, signal } = this.#deps
    return downloadDocument(url, { amazonUrl, signal })
  }

  #held(run: ReportRun, operation: string): Held | undefined {
    const forMs = this.#deps.limiter.take(run.sellerId, operation)
    return forMs > 0 ? { forMs } : undefined
  }

  #api(run: ReportRun): SpApi {
    const { settings, amazonUrl, signal, limiter } = this.#deps
    return new SpApi({
      region: run.region,
      accessToken: () => settings.accessToken(run.integrationId),
      amazonUrl,
      signal,
      onRate: (operation, rate) => limiter.learned(run.sellerId, operation, rate),
      onRefused: async (operation, { code }) => {
        if (code === 'SP_API_THROTTLED') limiter.emptied(run.sellerId, operation)
        if (code === 'SP_API_TOKEN_EXPIRED') await settings.accessToken(run.integrationId, true)
      },
    })
  }
}

export const isHeld = (answer: unknown): answer is Held =>
  typeof answer === 'object' && answer !== null && 'forMs' in answer
