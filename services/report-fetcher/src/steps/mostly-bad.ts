import { rowFaults } from '@backhaul/domain'
import type { DocumentSummary } from '../adapters/document.ts'
import { type RunCounts, sumOf } from '../report-run.ts'

/** A document with a greater share of bad rows is not what it seems. */
const MOST_BAD_SHARE = 0.2
const EXAMPLES = 3

type Rows = Pick<DocumentSummary, 'rowsInDocument' | 'rejected' | 'rejectedRows' | 'skipped'>

/** Why nothing of a document may be published, known before anything is; null when it may (C16). */
export function mostlyBad({ rowsInDocument, rejected, rejectedRows }: Rows): string | null {
  const bad = sumOf(rejected)
  if (bad <= rowsInDocument * MOST_BAD_SHARE) return null
  const ofEachKind = rejectedRows.filter((r, n) => rejectedRows.findIndex((o) => o.reason === r.reason) === n)
  const examples = ofEachKind.slice(0, EXAMPLES).map((r) => `row ${r.rowNumber} ${rowFaults[r.reason]}`)
  return `${bad} of ${rowsInDocument} rows cannot be read (${examples.join('; ')}): nothing of the document was published`
}

/** Counts of a document that is quarantined: none of its good rows was published. */
export const quarantinedCounts = ({ rowsInDocument, rejected, skipped }: Rows): RunCounts => ({
  rowsInDocument,
  new: 0,
  changed: 0,
  unchanged: 0,
  skipped,
  rejected: { ...rejected, document_quarantined: rowsInDocument - sumOf(rejected) - sumOf(skipped) },
})
