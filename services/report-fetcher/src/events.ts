import type { Logger } from '@backhaul/kafka'
import type { Metrics } from '@backhaul/runtime'
import { NO_ROWS, type ReportRun, type RunCounts, sumOf } from './report-run.ts'

/** What the fetcher reports: line and metric together. */
export interface Events {
  planned(runs: readonly ReportRun[]): void
  moved(run: ReportRun): void
  /** RC-02: rows published, by kind of label, a closed set. */
  rowsPublished(counts: RunCounts, labelTypes: readonly (string | null)[]): void
  /** Rows of a whole document, by outcome. */
  documentRead(run: ReportRun): void
  /** A7: Amazon has columns that we do not know; they are kept in `extra`. Once for each account and column. */
  columnsAdded(run: ReportRun, columns: readonly string[]): void
  /** Amazon does not come to an end with a report. Someone should look. */
  stuck(run: ReportRun): void
  stepFailed(run: ReportRun, step: string, error: unknown, waitMs: number): void
}

export function fetcherEvents(log: Logger, metrics: Metrics): Events {
  const runs = metrics.counter('fetcher_runs_total', 'Report runs, by the state they reached', ['state'])
  const rows = metrics.counter('fetcher_rows_total', 'Rows of documents, by outcome', ['outcome'])
  const labels = metrics.counter('fetcher_labels_total', 'Rows published, by kind of label', ['label'])
  const failures = metrics.counter('fetcher_step_failures_total', 'Steps that failed and are tried again', [
    'step',
  ])
  const stuck = metrics.counter('fetcher_stuck_reports_total', 'Reports that Amazon kept for over two hours')
  const newColumns = metrics.counter('fetcher_new_columns_total', 'Columns of documents that are not known')
  const about = ({ id, integrationId, marketplaceId, state }: ReportRun) => ({
    run: id,
    integrationId,
    marketplaceId,
    state,
  })
  return {
    planned(planned) {
      for (const run of planned) log.info(about(run), 'report planned')
      runs.inc({ state: 'PLANNED' }, planned.length)
    },
    moved(run) {
      log.info({ ...about(run), reportId: run.reportId, error: run.error }, 'report moved on')
      runs.inc({ state: run.state })
    },
    rowsPublished(counts, labelTypes) {
      log.debug({ ...counts }, 'rows published')
      for (const labelType of labelTypes) labels.inc({ label: labelOf(labelType) })
    },
    documentRead(run) {
      const counts = run.counts ?? NO_ROWS
      log.info({ ...about(run), ...counts }, 'document published')
      rows.inc({ outcome: 'new' }, counts.new)
      rows.inc({ outcome: 'changed' }, counts.changed)
      rows.inc({ outcome: 'unchanged' }, counts.unchanged)
      rows.inc({ outcome: 'skipped' }, sumOf(counts.skipped))
      rows.inc({ outcome: 'rejected' }, sumOf(counts.rejected))
    },
    columnsAdded(run, columns) {
      if (columns.length === 0) return
      log.warn({ ...about(run), columns }, 'documents have new columns')
      newColumns.inc(columns.length)
    },
    stuck(run) {
      log.error({ ...about(run), reportId: run.reportId, askedAt: run.askedAt }, 'report is stuck at Amazon')
      stuck.inc()
    },
    stepFailed(run, step, error, waitMs) {
      log.warn({ ...about(run), step, err: error, waitMs }, 'step failed, tried again later')
      failures.inc({ step })
    },
  }
}

function labelOf(labelType: string | null): 'prepaid' | 'unpaid' | 'other' {
  if (labelType === 'AmazonPrePaidLabel') return 'prepaid'
  return labelType === 'AmazonUnPaidLabel' ? 'unpaid' : 'other'
}
