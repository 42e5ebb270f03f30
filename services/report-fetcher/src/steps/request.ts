import type { Report, SpApi } from '@backhaul/sp-api'
import type { Ledger } from '../adapters/ledger.ts'
import type { ReportRun } from '../report-run.ts'

/** Amazon's clock may be behind ours. */
const CLOCK_MARGIN_MS = 60_000

const iso = (ms: number) => new Date(ms).toISOString()

/**
 * Asks Amazon for the report, once: `createReport` has no idempotency key, so a report that was asked for by a try whose
 * answer was lost is looked for first and adopted.
 *
 * @returns The report's id.
 */
export async function requestReport(api: SpApi, run: ReportRun, ledger: Ledger): Promise<string> {
  const lost = run.requestTried ? await lostReport(api, run, ledger) : undefined
  if (lost) return lost.reportId
  return api.createReport({
    reportType: run.reportType,
    marketplaceIds: [run.marketplaceId],
    dataStartTime: iso(run.windowFrom ?? 0),
    dataEndTime: iso(run.windowTo ?? 0),
  })
}

/** A report of an earlier run may have the same window: its document is older, and it was never lost. */
async function lostReport(api: SpApi, run: ReportRun, ledger: Ledger): Promise<Report | undefined> {
  const reports = await api.getReports({
    reportTypes: [run.reportType],
    marketplaceIds: [run.marketplaceId],
    createdSince: iso(run.startedAt - CLOCK_MARGIN_MS),
  })
  const known = await ledger.knownReports(
    run,
    reports.map((r) => r.reportId),
  )
  return reports.find(
    (r) =>
      !known.has(r.reportId) &&
      Date.parse(r.dataStartTime ?? '') === run.windowFrom &&
      Date.parse(r.dataEndTime ?? '') === run.windowTo &&
      r.processingStatus !== 'FATAL',
  )
}
