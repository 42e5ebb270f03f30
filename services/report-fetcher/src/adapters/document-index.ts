import { toFault } from '@backhaul/postgres'
import type { Knex } from 'knex'
import type { ReportRun } from '../report-run.ts'
import { OUTCOMES, type SeenRow } from '../steps/compare-rows.ts'
import type { KnownOrders } from '../steps/known-elsewhere.ts'

/** One published version of a row, and where it stands. */
export interface RowVersion {
  readonly rowId: string
  readonly orderReference: string
  readonly amazonRmaId: string | null
  readonly rowNumber: number
  readonly run: ReportRun
  /** Place of its run among all that ended. */
  readonly endedAs: number
}

/** A document that was read, and which of the wanted rows stand in it. */
export interface DocumentOfRows {
  readonly run: ReportRun
  readonly endedAs: number
  readonly rows: readonly SeenRow[]
}

/** Whose rows are looked for. */
export interface RowFilter {
  readonly orderReference?: string | undefined
  readonly rmaId?: string | undefined
}

/** Most versions that are looked at: an order has a few rows, and each changes a few times. */
const MOST_VERSIONS = 1_000

/** Notes which rows stand in a piece of a document. */
export async function saveSeen(
  tx: Knex.Transaction,
  run: ReportRun,
  piece: number,
  seen: readonly SeenRow[],
): Promise<void> {
  await tx.raw(
    `INSERT INTO row_sightings (report_run_id, piece, row_hashes, row_numbers, outcomes)
     VALUES (?, ?, ?::bigint[], ?::int[], ?::smallint[]) ON CONFLICT DO NOTHING`,
    [
      ...[run.id, piece],
      seen.map((row) => hashOf(row.rowId)),
      seen.map((row) => row.rowNumber),
      seen.map((row) => OUTCOMES.indexOf(row.outcome)),
    ],
  )
}

/**
 * All versions of the rows of an order, or of a return, in the order in which they were published. A return is found by its
 * RMA id also where an early document did not have it yet.
 *
 * @throws Fault `POSTGRES_UNAVAILABLE`, retryable.
 */
export async function rowVersions(db: Knex, tenantId: string, by: RowFilter): Promise<RowVersion[]> {
  const versions = db('row_versions as v')
    .join('report_runs as r', 'r.id', 'v.report_run_id')
    .where('v.tenant_id', tenantId)
    .whereNotNull('r.ended_as')
    .orderBy(['r.ended_as', 'v.row_number'])
    .limit(MOST_VERSIONS)
    .select('v.row_id', 'v.order_reference', 'v.amazon_rma_id', 'v.row_number', 'r.run', 'r.ended_as')
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
      rowNumber: row.row_number,
      run: row.run,
      endedAs: Number(row.ended_as),
    }))
  } catch (error) {
    throw toFault(error)
  }
}

/**
 * The documents in which any of these rows stands, changed or not, in the order in which they were read.
 *
 * @param after Place of the last document of the page before.
 * @throws Fault `POSTGRES_UNAVAILABLE`, retryable.
 */
export async function documentsOf(
  db: Knex,
  tenantId: string,
  rowIds: readonly string[],
  after: number,
  limit: number,
): Promise<DocumentOfRows[]> {
  const rowIdOf = new Map(rowIds.map((rowId) => [hashOf(rowId), rowId]))
  try {
    const { rows } = await db.raw(QUERY, { tenantId, hashes: [...rowIdOf.keys()], after, limit })
    const documents = Map.groupBy(rows as SightingRow[], (row) => row.ended_as)
    return [...documents.values()].map((found) => {
      const [{ run, ended_as }] = found as [SightingRow]
      const seen = found.map(({ row_hash, row_number, outcome }) => ({
        rowId: rowIdOf.get(row_hash) as string,
        rowNumber: row_number,
        outcome: OUTCOMES[outcome] as SeenRow['outcome'],
      }))
      return { run, endedAs: Number(ended_as), rows: seen }
    })
  } catch (error) {
    throw toFault(error)
  }
}

/**
 * Of which seller and marketplace Amazon's own reports have told these orders.
 *
 * @throws Fault `POSTGRES_UNAVAILABLE`, retryable.
 */
export async function knownOrders(
  db: Knex,
  tenantId: string,
  orderReferences: readonly string[],
): Promise<KnownOrders[]> {
  try {
    const rows = await db('row_versions as v')
      .join('report_runs as r', 'r.id', 'v.report_run_id')
      .where('v.tenant_id', tenantId)
      .whereRaw('v.order_reference = ANY(?)', [[...orderReferences]])
      .whereRaw("r.run ->> 'source' = 'api'")
      .groupBy('r.seller_id', 'r.marketplace_id')
      .select('r.seller_id', 'r.marketplace_id', db.raw('count(DISTINCT v.order_reference) AS orders'))
    return rows.map((row) => ({
      sellerId: row.seller_id,
      marketplaceId: row.marketplace_id,
      orders: Number(row.orders),
    }))
  } catch (error) {
    throw toFault(error)
  }
}

const QUERY = `
WITH documents AS MATERIALIZED (
  SELECT id, run, ended_as FROM report_runs
  WHERE tenant_id = :tenantId AND ended_as > CAST(:after AS bigint)
    AND id IN (SELECT report_run_id FROM row_sightings WHERE row_hashes && CAST(:hashes AS bigint[]))
  ORDER BY ended_as LIMIT :limit
)
SELECT d.run, d.ended_as, seen.row_hash, seen.row_number, seen.outcome
FROM documents d
JOIN row_sightings s ON s.report_run_id = d.id AND s.row_hashes && CAST(:hashes AS bigint[])
CROSS JOIN LATERAL unnest(s.row_hashes, s.row_numbers, s.outcomes) AS seen (row_hash, row_number, outcome)
WHERE seen.row_hash = ANY(CAST(:hashes AS bigint[]))
ORDER BY d.ended_as, seen.row_number`

interface SightingRow {
  readonly run: ReportRun
  readonly ended_as: string
  readonly row_hash: string
  readonly row_number: number
  readonly outcome: number
}

/** A row id is a hash: 64 bits of it tell the rows of an order from all others. */
const hashOf = (rowId: string): string => String(BigInt.asIntN(64, BigInt(`0x${rowId.slice(0, 16)}`)))
