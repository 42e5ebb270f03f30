import { isUnfinished, type ProcessingStatus, type SimulatedReport } from '../reports/report.ts'

/** `2026-08-13T17:26:00+00:00`, as the Reports API writes instants. */
export const amazonInstant = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, '+00:00')

/** A report as the Reports API tells it: only what there is by now. */
export function toReport(report: SimulatedReport, processingStatus: ProcessingStatus): object {
  const isDone = !isUnfinished(processingStatus)
  const hasBegun = processingStatus !== 'IN_QUEUE' && report.cause !== 'cancelled-by-request'
  const began = report.createdAt + report.queueMs
  return {
    reportId: report.reportId,
    reportType: report.reportType,
    marketplaceIds: report.marketplaceIds,
    dataStartTime: amazonInstant(Date.parse(report.dataStartTime)),
    dataEndTime: amazonInstant(Date.parse(report.dataEndTime)),
    createdTime: amazonInstant(report.createdAt),
    processingStatus,
    ...(report.reportScheduleId && { reportScheduleId: report.reportScheduleId }),
    ...(hasBegun && { processingStartTime: amazonInstant(began) }),
    ...(hasBegun && isDone && { processingEndTime: amazonInstant(began + report.progressMs) }),
    ...(isDone && report.documentId && { reportDocumentId: report.documentId }),
  }
}
