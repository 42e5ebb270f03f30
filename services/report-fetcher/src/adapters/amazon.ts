import {
  type AccessTokens,
  type CallBudget,
  type Download,
  downloadDocument,
  type Report,
  SpApi,
  withFreshAddress,
} from '@backhaul/sp-api'
import type { ReportRun } from '../report-run.ts'

export interface AmazonDeps {
  readonly tokens: AccessTokens
  readonly budget: CallBudget
  readonly amazonUrl: string | undefined
  readonly signal: AbortSignal
}

const iso = (ms: number) => new Date(ms).toISOString()

/**
 * Amazon's reports, as one run needs them. Each call takes its share of the seller's budget; a backfill leaves the others
 * theirs. All throw SpApiError; `SP_API_BUDGET_SPENT` tells when to come again.
 */
export class Amazon {
  readonly #deps: AmazonDeps
  readonly #api: SpApi

  constructor(run: ReportRun, deps: AmazonDeps) {
    const { tokens, budget, amazonUrl, signal } = deps
    const { id: ticket, sellerId, region } = run
    const priority = run.backfillId === null ? 'live' : 'backfill'
    this.#deps = deps
    this.#api = new SpApi({
      ...{ region, amazonUrl, signal },
      accessToken: tokens.of(run.integrationId),
      budget: { budget, sellerId, priority, ticket, patienceMs: 0 },
    })
  }

  /** Reports of the run's kind and marketplace that were made since. */
  listReports(run: ReportRun, since: number): Promise<Report[]> {
    return this.#api.getReports({
      reportTypes: [run.reportType],
      marketplaceIds: [run.marketplaceId],
      createdSince: iso(since),
    })
  }

  /** @returns The report's id. */
  createReport(run: ReportRun, from: number, to: number): Promise<string> {
    return this.#api.createReport({
      reportType: run.reportType,
      marketplaceIds: [run.marketplaceId],
      dataStartTime: iso(from),
      dataEndTime: iso(to),
    })
  }

  getReport(run: ReportRun): Promise<Report> {
    return this.#api.getReport(run.reportId as string)
  }

  cancelReport(run: ReportRun): Promise<void> {
    return this.#api.cancelReport(run.reportId as string)
  }

  /** Reads a document as Amazon sends it, from the start and at a fresh address if it breaks off. */
  document<T>(reportDocumentId: string, take: (download: Download) => Promise<T>): Promise<T> {
    const { amazonUrl, signal } = this.#deps
    return withFreshAddress(
      async () => (await this.#api.getReportDocument(reportDocumentId)).url,
      (address) => downloadDocument(address, take, { amazonUrl, signal }),
      { signal },
    )
  }
}
