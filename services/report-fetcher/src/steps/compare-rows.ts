import { type DocumentRow, identifyRows, rowDigest } from '@backhaul/domain'
import type { KnownRows, LedgerRow } from '../adapters/row-ledger.ts'
import { NO_ROWS, type RunCounts } from '../report-run.ts'

/** What becomes of a row that is known by its identity. Kept by place: a new one comes last. */
export const OUTCOMES = ['new', 'changed', 'unchanged', 'older_than_published'] as const
export type RowOutcome = (typeof OUTCOMES)[number]

/** A row of a document, and what became of it. */
export interface SeenRow {
  readonly rowId: string
  readonly rowNumber: number
  readonly outcome: RowOutcome
}

/** A row that is to be published. */
export interface RowToPublish extends LedgerRow {
  readonly row: DocumentRow
  readonly flags: readonly string[]
  readonly outcome: 'new' | 'changed'
}

/** What a piece of a document says beyond what was published before. */
export interface Compared {
  readonly toPublish: readonly RowToPublish[]
  readonly seen: readonly SeenRow[]
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
  const seen: SeenRow[] = []
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
      const outcome = outcomeOf(before.get(identity.rowId), digest, observedAt)
      seen.push({ rowId: identity.rowId, rowNumber: row.rowNumber, outcome })
      if (outcome === 'older_than_published') skip(outcome)
      else counts[outcome] += 1
      if (outcome === 'new' || outcome === 'changed')
        toPublish.push({ row, identity, digest, observedAt, flags, outcome })
    }
  }
  return { toPublish, seen, counts: { ...NO_ROWS, ...counts, skipped } }
}

function outcomeOf(published: LedgerRow | undefined, digest: string, observedAt: number): RowOutcome {
  if (!published) return 'new'
  if (published.digest === digest) return 'unchanged'
  return published.observedAt > observedAt ? 'older_than_published' : 'changed'
}
