import { rowFaults } from '@backhaul/domain'
import { type RejectedRow, type RunCounts, sumOf } from '../report-run.ts'

/** A document with a greater share of bad rows is not what it seems. */
const MOST_BAD_SHARE = 0.2
const EXAMPLES = 3

/** Why nothing of a document may be published; null when it may (C16). */
export function mostlyBad(counts: RunCounts, rejectedRows: readonly RejectedRow[]): string | null {
  const bad = sumOf(counts.rejected)
  if (bad <= counts.rowsInDocument * MOST_BAD_SHARE) return null
  const examples = rejectedRows.slice(0, EXAMPLES).map((r) => `row ${r.rowNumber} ${rowFaults[r.reason]}`)
  return `${bad} of ${counts.rowsInDocument} rows cannot be read (${examples.join('; ')}): nothing of the document was published`
}

/** Counts of a document that is quarantined: what would have been compared and published was not. */
export const quarantinedCounts = (counts: RunCounts): RunCounts => ({
  ...counts,
  rejected: {
    ...counts.rejected,
    document_quarantined: counts.rowsInDocument - sumOf(counts.skipped) - sumOf(counts.rejected),
  },
})
