import type { Report, SpApi } from '@backhaul/sp-api'
import type { ReportRun } from '../report-run.ts'

const iso = (ms: number) => new Date(ms).toISOString()

/**
 * Asks Amazon for the report, once: `createReport` has no idempotency key, so a report that was asked for by a try whose
 * answer was lost is looked for first and adopted.
 */
export async function requestReport(api: SpApi, run: ReportRun): Promise<ReportRun> {
  const adopted = run.requestTried ? await lostReport(api, run) : undefined
  const reportId =
    adopted?.reportId ??
    (await api.createReport({
      reportType: run.reportType,
      marketplaceIds: [run.marketplaceId],
      dataStartTime: iso(run.windowFrom ?? 0),
      dataEndTime: iso(run.windowTo ?? 0),
    }))
  return { ...run, state: 'REQUESTED', reportId }
}

async function lostReport(api: SpApi, run: ReportRun): Promise<Report | undefined> {
  const reports = await api.getReports({
    reportTypes: [run.reportType],
    marketplaceIds: [run.marketplaceId],
    createdSince: iso(run.startedAt),
  })
  return reports.find(
    (r) =>
      Date.parse(r.dataStartTime ?? '') === run.windowFrom &&
      Date.parse(r.dataEndTime ?? '') === run.windowTo &&
      r.processingStatus !== 'FATAL',
  )
}
