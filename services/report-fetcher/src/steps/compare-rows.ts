import { type DocumentRow, identifyRows, rowDigest } from '@backhaul/domain'
import type { KnownRows, LedgerRow } from '../adapters/row-ledger.ts'
import { NO_ROWS, type RunCounts } from '../report-run.ts'

/** A row that is to be published. */
export interface RowToPublish extends LedgerRow {
  readonly row: DocumentRow
  readonly flags: readonly string[]
  readonly outcome: 'new' | 'changed'
}

/** What a piece of a document says beyond what was published before. */
export interface Compared {
  readonly toPublish: readonly RowToPublish[]
  readonly counts: RunCounts
}

/**
 * Compares rows with what was published before: each becomes new, changed, unchanged or skipped. All rows of an order must
 * be among them.
 *
 * @param scope Whose rows they are. @param observedAt When Amazon made the document.
 */
export async function compareRows(
  scope: string,
  observedAt: number,
  rows: readonly DocumentRow[],
  knownRows: KnownRows,
): Promise<Compared> {
  const toPublish: RowToPublish[] = []
  const counts = { new: 0, changed: 0, unchanged: 0 }
  const skipped: Record<string, number> = {}
  const skip = (reason: string) => {
    skipped[reason] = (skipped[reason] ?? 0) + 1
  }
  const byOrder = Map.groupBy(rows, (r) => r.orderReference)
  const known = Map.groupBy(await knownRows([...byOrder.keys()]), (r) => r.identity.orderReference)
  for (const [orderReference, ofOrder] of byOrder) {
    const before = new Map((known.get(orderReference) ?? []).map((k) => [k.identity.rowId, k]))
    const identities = [...before.values()].map((k) => k.identity)
    const identified = identifyRows(scope, identities, ofOrder)
    for (const _ of identified.repeated) skip('repeated_line')
    for (const { row, identity, flags } of identified.rows) {
      const digest = rowDigest(row, flags)
      const published = before.get(identity.rowId)
      if (published?.digest === digest) counts.unchanged += 1
      else if (published && published.observedAt > observedAt) skip('older_than_published')
      else {
        const outcome = published ? 'changed' : 'new'
        counts[outcome] += 1
        toPublish.push({ row, identity, digest, observedAt, flags, outcome })
      }
    }
  }
  return { toPublish, counts: { ...NO_ROWS, ...counts, skipped } }
}
