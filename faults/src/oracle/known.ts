import type { AmazonReturnRow, SalesOrder } from '@backhaul/domain'
import type { SettingsVersion } from '../load/settings.ts'
import { reasonCode } from './cells.ts'

/** A row with all its readings laid over each other. */
export interface KnownRow {
  readonly row: AmazonReturnRow
  /** Null until settings let the row in. */
  readonly reason: { code: string | null; returnReasonId: string | null; version: number } | null
}

export type Settings = (version: number) => SettingsVersion

/** Rows after one more reading. */
export function afterRow(
  rows: ReadonlyMap<string, KnownRow>,
  reading: AmazonReturnRow,
  settings: Settings,
): ReadonlyMap<string, KnownRow> {
  const before = rows.get(reading.rowId)
  if (before && rank(reading) <= rank(before.row)) return rows
  const row = before ? laidOver(reading, before.row) : reading
  const reason = before?.reason ?? firstReason(row, settings(reading.configVersion))
  return new Map(rows).set(reading.rowId, { row, reason })
}

/** Orders by channel after one more state of one, or its end. */
export function afterOrder(
  orders: ReadonlyMap<string, SalesOrder>,
  channelId: string,
  state: SalesOrder | null,
): ReadonlyMap<string, SalesOrder> {
  const before = orders.get(channelId)
  if (state && before && before.sourceVersion > state.sourceVersion) return orders
  const after = new Map(orders)
  if (state) after.set(channelId, state)
  else after.delete(channelId)
  return after
}

/** Text that sorts readings of one row by age. */
const rank = (row: AmazonReturnRow): string =>
  [
    String(row.observedAt).padStart(15, '0'),
    String(row.fetchedAt).padStart(15, '0'),
    row.documentSha256,
    String(row.rowNumber).padStart(9, '0'),
  ].join(' ')

/** The later reading; where it is blank, the earlier one shows through. */
function laidOver(later: AmazonReturnRow, earlier: AmazonReturnRow): AmazonReturnRow {
  const shown = Object.entries(later).map(([name, value]) => [
    name,
    value === null ? earlier[name as keyof AmazonReturnRow] : value,
  ])
  return {
    ...(Object.fromEntries(shown) as AmazonReturnRow),
    flags: [...new Set([...later.flags, ...earlier.flags])].sort(),
    extra: { ...earlier.extra, ...later.extra },
  }
}

function firstReason(row: AmazonReturnRow, { version, importSettings, reasons }: SettingsVersion) {
  const { statuses, returnlessRefunds, labelTypes } = importSettings
  const isApproved = row.returnRequestStatus?.toLowerCase() === 'approved'
  const isReturnless = row.resolution?.toLowerCase() === 'returnlessrefund'
  const leftOut =
    (statuses === 'approved' && !isApproved) ||
    (returnlessRefunds === 'skip' && isReturnless) ||
    (labelTypes !== 'all' && !labelTypes.includes(row.labelType ?? ''))
  if (leftOut) return null
  const code = reasonCode(row.returnReason)
  const mapping = reasons.find((r) => r.amazonReason === code)
  return { code, returnReasonId: mapping?.returnReasonId ?? null, version }
}
