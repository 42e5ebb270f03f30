import { type DocumentRow, identifyRows, readDate, rowDigest } from '@backhaul/domain'
import type { DocumentReading, DocumentSummary } from '../adapters/document.ts'
import type { Ledger, LedgerRow } from '../adapters/ledger.ts'
import { type ReportRun, type RunCounts, scopeOf } from '../report-run.ts'

/** A row that is to be published. */
export interface RowToPublish extends LedgerRow {
  readonly row: DocumentRow
  readonly flags: readonly string[]
}

/** What a document says beyond what was published before. */
export interface RowsRead {
  readonly toPublish: readonly RowToPublish[]
  readonly counts: RunCounts
}

/** A document that was read through, before any of it is published. */
export interface RowsOfDocument {
  readonly summary: DocumentSummary
  readonly rows: readonly DocumentRow[]
}

/** Reads a document through. @throws Fault as `readDocument`. */
export async function rowsOf(document: DocumentReading): Promise<RowsOfDocument> {
  const rows: DocumentRow[] = []
  for await (const batch of document) for (const row of batch.rows) rows.push(row)
  return { summary: document.summary(), rows }
}

/** Compares rows with the ledger: each becomes new, changed, unchanged or skipped. */
export async function readRows(
  run: ReportRun,
  { rows, summary }: RowsOfDocument,
  ledger: Pick<Ledger, 'knownRows'>,
): Promise<RowsRead> {
  const skipped: Record<string, number> = { ...summary.skipped }
  const skip = (reason: string) => {
    skipped[reason] = (skipped[reason] ?? 0) + 1
  }
  const imported = rows.filter((row) => !isBeforeStart(row, run.startDay))
  for (let left = imported.length; left < rows.length; left++) skip('before_start_time')
  const observedAt = run.observedAt ?? run.startedAt
  const toPublish: RowToPublish[] = []
  const counts = { new: 0, changed: 0, unchanged: 0 }
  const byOrder = Map.groupBy(imported, (r) => r.orderReference)
  const known = Map.groupBy(
    await ledger.knownRows(run, [...byOrder.keys()]),
    (r) => r.identity.orderReference,
  )
  for (const [orderReference, ofOrder] of byOrder) {
    const before = known.get(orderReference) ?? []
    const identities = before.map((k) => k.identity)
    const identified = identifyRows(scopeOf(run), identities, ofOrder)
    for (const _ of identified.repeated) skip('repeated_line')
    for (const { row, identity, flags } of identified.rows) {
      const digest = rowDigest(row, flags)
      const published = before.find((k) => k.identity.rowId === identity.rowId)
      if (published?.digest === digest) {
        counts.unchanged += 1
      } else if (published && published.observedAt > observedAt) {
        skip('older_than_published')
      } else {
        counts[published ? 'changed' : 'new'] += 1
        toPublish.push({ row, identity, digest, observedAt, flags })
      }
    }
  }
  const { rowsInDocument, rejected } = summary
  return { toPublish, counts: { rowsInDocument, ...counts, skipped, rejected } }
}

/** RC-22: a row of the start day itself is imported, rather one too many than one lost (Q8). */
function isBeforeStart(row: DocumentRow, startDay: string): boolean {
  const requestedOn = readDate(row.cells.returnRequestDate)
  return requestedOn !== null && requestedOn < startDay
}
