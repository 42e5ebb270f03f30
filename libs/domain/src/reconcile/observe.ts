import type { AmazonReturnRow, SalesOrder } from '../records.ts'
import { normaliseReason } from '../return-reasons.ts'
import type { ImportConfig, RowFacts } from './facts.ts'

/** Why a row is not imported: a closed list, counted. */
export type SkipReason = 'status' | 'label_type' | 'returnless_refund'

/** Why these settings leave the row out; null when they let it in. Q2, Q4, SC-10, SC-61. */
export function skipReason(row: AmazonReturnRow, { importSettings }: ImportConfig): SkipReason | null {
  const { statuses, labelTypes, returnlessRefunds } = importSettings
  if (statuses === 'approved' && row.returnRequestStatus?.toLowerCase() !== 'approved') return 'status'
  if (returnlessRefunds === 'skip' && row.resolution?.toLowerCase() === 'returnlessrefund')
    return 'returnless_refund'
  if (labelTypes !== 'all' && !labelTypes.includes(row.labelType ?? '')) return 'label_type'
  return null
}

/**
 * Takes in one observation of a row.
 *
 * An older observation changes nothing; a later blank never erases a value (A14); the mapped reason is frozen when the
 * row is first imported (RC-56).
 */
export function observeRow(
  known: RowFacts | undefined,
  row: AmazonReturnRow,
  config: ImportConfig,
): RowFacts | 'stale' {
  if (known && !isNewer(row, known.row)) return 'stale'
  const merged = known ? withEarlierCells(row, known.row) : row
  if (known?.imported) return { ...known, row: merged }
  if (skipReason(merged, config) !== null) return { row: merged, imported: false, frozen: null }
  const amazonReason = normaliseReason(merged.returnReason)
  const mapped = config.reasons.find((r) => r.amazonReason === amazonReason)
  const returnReasonId = mapped?.returnReasonId ?? null
  return {
    row: merged,
    imported: true,
    frozen: { returnReasonId, amazonReason, configVersion: config.version },
  }
}

/** Takes in one state of a sales order; older never overwrites newer. */
export function observeOrder(known: SalesOrder | undefined, order: SalesOrder): SalesOrder | 'stale' {
  return known && order.sourceVersion < known.sourceVersion ? 'stale' : order
}

function isNewer(row: AmazonReturnRow, than: AmazonReturnRow): boolean {
  if (row.observedAt !== than.observedAt) return row.observedAt > than.observedAt
  if (row.fetchedAt !== than.fetchedAt) return row.fetchedAt > than.fetchedAt
  return row.documentSha256 === than.documentSha256
    ? row.rowNumber > than.rowNumber
    : row.documentSha256 > than.documentSha256
}

function withEarlierCells(row: AmazonReturnRow, earlier: AmazonReturnRow): AmazonReturnRow {
  const merged: Record<string, unknown> = { ...row }
  for (const [name, value] of Object.entries(earlier)) {
    if (merged[name] === null) merged[name] = value
  }
  // First sight stays first sight; a flag once seen stays.
  merged.flags = [...new Set([...earlier.flags, ...row.flags])].sort()
  merged.extra = { ...earlier.extra, ...row.extra }
  return merged as unknown as AmazonReturnRow
}
