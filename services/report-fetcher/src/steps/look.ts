import type { SpApi } from '@backhaul/sp-api'
import type { ReportRun } from '../report-run.ts'

/** Looks at the report once and notes where it stands. */
export async function lookAtReport(api: SpApi, run: ReportRun, now: number): Promise<ReportRun> {
  const report = await api.getReport(run.reportId as string)
  const ended = Date.parse(report.processingEndTime ?? '')
  const observedAt = Number.isNaN(ended) ? now : ended
  switch (report.processingStatus) {
    case 'DONE':
      return { ...run, state: 'READY', reportDocumentId: report.reportDocumentId ?? null, observedAt }
    case 'CANCELLED':
      // A window without returns ends so too.
      return {
        ...run,
        state: 'CANCELLED',
        cancelledClass: 'unknown',
        error:
          'Amazon cancelled the report: no returns in the window, asked for too soon, or cancelled by hand',
        observedAt,
        endedAt: now,
      }
    case 'FATAL':
      return { ...run, state: 'FATAL', error: 'Amazon could not make the report', observedAt, endedAt: now }
    default:
      return { ...run, state: 'IN_PROGRESS' }
  }
}
