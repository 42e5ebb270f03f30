import type { Report } from '@backhaul/sp-api'
import type { ReportRun } from '../report-run.ts'
import { LONGEST_WINDOW_MS } from '../windows.ts'

/** A lost report is looked for among those made since then, as Amazon's clock and ours may be far apart. */
export const CLOCK_MARGIN_MS = 24 * 3_600_000

const at = (text: string | undefined) => Date.parse(text ?? '')

/** True when a report is of the run's kind and of its marketplace alone. */
export const ofSameKind = (run: ReportRun, report: Report): boolean =>
  report.reportType === run.reportType &&
  report.marketplaceIds?.length === 1 &&
  report.marketplaceIds[0] === run.marketplaceId

/** True when a report may still bring a document. */
export const mayBringRows = ({ processingStatus }: Report): boolean =>
  processingStatus !== 'FATAL' && processingStatus !== 'CANCELLED'

/** Start of what Amazon is asked for. */
export const reportFromOf = (run: ReportRun): number => run.reportFrom ?? run.windowFrom ?? 0

/** The widest range of one report that ends where the window does. */
export const widestFrom = (run: ReportRun): number => (run.windowTo ?? 0) - LONGEST_WINDOW_MS

/**
 * The report that makes a request needless: the run's own, whose answer was lost, or one that a schedule or another
 * program had made. The newest of those that read the window from its start on.
 *
 * @param known Reports that belong to runs already: their documents are older, and they were never lost.
 */
export function adoptable(
  run: ReportRun,
  reports: readonly Report[],
  known: ReadonlySet<string>,
): Report | undefined {
  return reports
    .filter(
      (r) =>
        ofSameKind(run, r) &&
        !known.has(r.reportId) &&
        mayBringRows(r) &&
        at(r.dataStartTime) <= reportFromOf(run) &&
        (isOwn(run, r) || isFresh(run, r)),
    )
    .sort((a, b) => at(b.createdTime) - at(a.createdTime))[0]
}

/** Asked for by this run: no other has its range, which ends in the minute of the run, and is in no ledger. */
const isOwn = (run: ReportRun, report: Report) =>
  run.triedAt !== null &&
  at(report.dataStartTime) === reportFromOf(run) &&
  at(report.dataEndTime) === run.windowTo

/** Made since the cycle before, and reaching at least to where the report was made or the window ends. */
const isFresh = (run: ReportRun, report: Report) =>
  run.adoptSince !== null &&
  at(report.createdTime) >= run.adoptSince &&
  at(report.dataEndTime) > (run.windowFrom ?? 0)

/** The run with a report that it takes for its own; the window shrinks to what the report reads. */
export function withReport(run: ReportRun, report: Report): ReportRun {
  const adopted = !isOwn(run, report)
  const read = { from: at(report.dataStartTime), to: at(report.dataEndTime) }
  const planned = run.plannedWindow ?? { from: run.windowFrom ?? read.from, to: run.windowTo ?? read.to }
  return {
    ...run,
    state: 'REQUESTED',
    reportId: report.reportId,
    askedAt: adopted ? at(report.createdTime) : run.triedAt,
    adopted,
    ...(adopted && {
      plannedWindow: planned,
      windowFrom: Math.max(planned.from, read.from),
      windowTo: Math.min(planned.to, read.to),
    }),
  }
}
