import type { KnownRow } from '@backhaul/domain'
import type { Knex } from 'knex'
import type { ReportRun } from '../report-run.ts'
import type { RowToPublish } from '../steps/compare-rows.ts'

/** A row as it was last published. */
export interface LedgerRow {
  readonly identity: KnownRow
  readonly digest: string
  /** When Amazon made the document that it was published from, milliseconds. */
  readonly observedAt: number
}

/** Finds the rows that are known of some orders, in one scope. */
export type KnownRows = (orderReferences: readonly string[]) => Promise<LedgerRow[]>

/** Whose rows they are. */
export type Scope = Pick<ReportRun, 'tenantId' | 'sellerId' | 'marketplaceId'>

export const scopeColumns = ({ tenantId, sellerId, marketplaceId }: Scope) => ({
  tenant_id: tenantId,
  seller_id: sellerId,
  marketplace_id: marketplaceId,
})

/** Rows known of these orders, in a scope. */
export async function knownRows(
  db: Knex,
  scope: Scope,
  orderReferences: readonly string[],
): Promise<LedgerRow[]> {
  const rows = await db('return_rows')
    .where(scopeColumns(scope))
    .whereRaw('order_reference = ANY(?)', [[...orderReferences]])
    .select('identity', 'digest', 'observed_at')
  return rows.map((row) => ({
    identity: row.identity,
    digest: row.digest,
    observedAt: Number(row.observed_at),
  }))
}

/** Notes rows as they were published by a run, and which document and line each version came from. */
export async function saveRows(
  tx: Knex.Transaction,
  run: ReportRun,
  rows: readonly RowToPublish[],
): Promise<void> {
  if (rows.length === 0) return
  const { tenant_id, seller_id, marketplace_id } = scopeColumns(run)
  const of = <T>(value: (row: RowToPublish) => T) => rows.map(value)
  // Arrays, as Postgres takes 65,535 parameters: one statement for a piece of any size.
  await tx.raw(
    `INSERT INTO return_rows (row_id, return_id, tenant_id, seller_id, marketplace_id, order_reference, identity, digest,
       observed_at, report_run_id)
     SELECT row_id, return_id, ?, ?, ?, order_reference, identity::jsonb, digest, observed_at, ?
     FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[])
       AS r (row_id, return_id, order_reference, identity, digest, observed_at)
     ON CONFLICT (row_id) DO UPDATE SET identity = excluded.identity, digest = excluded.digest,
       observed_at = excluded.observed_at, report_run_id = excluded.report_run_id`,
    [
      ...[tenant_id, seller_id, marketplace_id, run.id],
      of((r) => r.identity.rowId),
      of((r) => r.identity.returnId),
      of((r) => r.identity.orderReference),
      of((r) => JSON.stringify(r.identity)),
      of((r) => r.digest),
      of((r) => r.observedAt),
    ],
  )
  await tx.raw(
    `INSERT INTO row_versions (report_run_id, row_number, tenant_id, order_reference, amazon_rma_id, row_id, outcome,
       observed_at)
     SELECT ?, row_number, ?, order_reference, amazon_rma_id, row_id, outcome, observed_at
     FROM unnest(?::int[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[])
       AS r (row_number, order_reference, amazon_rma_id, row_id, outcome, observed_at)
     ON CONFLICT DO NOTHING`,
    [
      ...[run.id, tenant_id],
      of((r) => r.row.rowNumber),
      of((r) => r.identity.orderReference),
      of((r) => r.identity.amazonRmaId) as string[],
      of((r) => r.identity.rowId),
      of((r) => r.outcome),
      of((r) => r.observedAt),
    ],
  )
}
