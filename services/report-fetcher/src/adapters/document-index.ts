import { toFault } from '@backhaul/postgres'
import type { Knex } from 'knex'
import type { ReportRun } from '../report-run.ts'

/** One published version of a row, and where it stands. */
export interface RowVersion {
  readonly rowId: string
  readonly orderReference: string
  readonly amazonRmaId: string | null
  readonly outcome: 'new' | 'changed'
  readonly rowNumber: number
  readonly run: ReportRun
}

/** Most versions of one answer: an order has a few rows, and each changes a few times. */
const MOST_VERSIONS = 200

/**
 * All versions of the rows of an order, or of a return, oldest first. A return is found by its RMA id also where an
 * early document did not have it yet.
 *
 * @throws Fault `POSTGRES_UNAVAILABLE`, retryable.
 */
export async function rowVersions(
  db: Knex,
  tenantId: string,
  by: { readonly orderReference?: string | undefined; readonly rmaId?: string | undefined },
): Promise<RowVersion[]> {
  const versions = db('row_versions as v')
    .join('report_runs as r', 'r.id', 'v.report_run_id')
    .where('v.tenant_id', tenantId)
    .orderBy([{ column: 'v.observed_at' }, { column: 'r.started_at' }, { column: 'v.row_number' }])
    .limit(MOST_VERSIONS)
    .select('v.row_id', 'v.order_reference', 'v.amazon_rma_id', 'v.outcome', 'v.row_number', 'r.run')
  if (by.orderReference) versions.where('v.order_reference', by.orderReference)
  if (by.rmaId)
    versions.whereIn(
      'v.row_id',
      db('row_versions').where({ tenant_id: tenantId, amazon_rma_id: by.rmaId }).select('row_id'),
    )
  try {
    return (await versions).map((row) => ({
      rowId: row.row_id,
      orderReference: row.order_reference,
      amazonRmaId: row.amazon_rma_id,
      outcome: row.outcome,
      rowNumber: row.row_number,
      run: row.run,
    }))
  } catch (error) {
    throw toFault(error)
  }
}
