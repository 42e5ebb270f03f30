import {
  type DocumentRow,
  FlatFileParser,
  identifyRows,
  linesOf,
  readDate,
  rowDigest,
} from '@backhaul/domain'
import type { Ledger, LedgerRow } from '../adapters/ledger.ts'
import { type RejectedRow, type ReportRun, type RunCounts, scopeOf } from '../report-run.ts'

/** A row that is to be published. */
export interface RowToPublish extends LedgerRow {
  readonly row: DocumentRow
  readonly flags: readonly string[]
}

/** What a document says beyond what was published before. */
export interface RowsRead {
  readonly toPublish: readonly RowToPublish[]
  readonly counts: RunCounts
  /** The first of the rejected rows. */
  readonly rejectedRows: readonly RejectedRow[]
}

/** How many rejected rows are told one by one. */
const MOST_TOLD = 20

/** Reads an archived document against the ledger: every row becomes new, changed, unchanged, skipped or rejected. */
export async function readRows(
  run: ReportRun,
  text: AsyncIterable<string>,
  ledger: Ledger,
): Promise<RowsRead> {
  const rows: DocumentRow[] = []
  const skipped: Record<string, number> = {}
  const rejected: Record<string, number> = {}
  const rejectedRows: RejectedRow[] = []
  let rowsInDocument = 0
  let parser: FlatFileParser | undefined
  for await (const line of linesOf(text)) {
    if (!parser) {
      parser = new FlatFileParser(line)
      continue
    }
    const parsed = parser.parse(line)
    if (parsed === null) continue
    rowsInDocument += 1
    if ('fault' in parsed) {
      count(rejected, parsed.fault)
      if (rejectedRows.length < MOST_TOLD)
        rejectedRows.push({ rowNumber: parsed.rowNumber, reason: parsed.fault })
    } else if (isBeforeStart(parsed.row, run.startDay)) count(skipped, 'before_start_time')
    else rows.push(parsed.row)
  }

  const observedAt = run.observedAt ?? run.startedAt
  const toPublish: RowToPublish[] = []
  const counts = { new: 0, changed: 0, unchanged: 0 }
  const references = [...new Set(rows.map((r) => r.orderReference))]
  const known = Map.groupBy(await ledger.knownRows(run, references), (r) => r.identity.orderReference)
  for (const [orderReference, ofOrder] of Map.groupBy(rows, (r) => r.orderReference)) {
    const before = known.get(orderReference) ?? []
    const identities = before.map((k) => k.identity)
    const identified = identifyRows(scopeOf(run), identities, ofOrder)
    for (const _ of identified.repeated) count(skipped, 'repeated_line')
    for (const { row, identity, flags } of identified.rows) {
      const digest = rowDigest(row, flags)
      const published = before.find((k) => k.identity.rowId === identity.rowId)
      if (published?.digest === digest) {
        counts.unchanged += 1
      } else if (published && published.observedAt > observedAt) {
        count(skipped, 'older_than_published')
      } else {
        counts[published ? 'changed' : 'new'] += 1
        toPublish.push({ row, identity, digest, observedAt, flags })
      }
    }
  }
  return { toPublish, counts: { rowsInDocument, ...counts, skipped, rejected }, rejectedRows }
}

/** RC-22: a row of the start day itself is imported, rather one too many than one lost (Q8). */
function isBeforeStart(row: DocumentRow, startDay: string): boolean {
  const requestedOn = readDate(row.cells.returnRequestDate)
  return requestedOn !== null && requestedOn < startDay
}

function count(counts: Record<string, number>, reason: string): void {
  counts[reason] = (counts[reason] ?? 0) + 1
}
