import type { ReportRun } from '../report-run.ts'
import { scopeColumns } from './row-ledger.ts'

/** A run as Postgres holds it: whole, with the columns that are looked for beside it. */
export const toRow = (run: ReportRun) => ({
  ...scopeColumns(run),
  id: run.id,
  integration_id: run.integrationId,
  backfill_id: run.backfillId,
  state: run.state,
  revision: run.revision,
  publishing: run.runsOffset !== null,
  window_from: run.windowFrom,
  window_to: run.windowTo,
  proven_to: run.provenTo,
  started_at: run.startedAt,
  ended_at: run.endedAt,
  not_before: run.notBefore,
  run: JSON.stringify(run),
})
