import { type Places, placesAt } from './cells-of.ts'
import { type CellName, type Column, columnsOf } from './columns.ts'
import type { Dialect } from './document-kind.ts'
import { mayBeKept, type RowFault } from './document-row.ts'
import { type Table, writtenCell } from './records-of-lines.ts'

/** What stands for a row whose cells nobody can tell apart, in a document with columns that are dropped. */
const WITHHELD = 'withheld'

/** Columns that Amazon leaves blank in most rows: a row may end before them, as some programs leave blank ends out. */
const MAY_BE_LEFT_OUT: ReadonlySet<string> = new Set<CellName>([
  'safeTActionReason',
  'safeTClaimId',
  'safeTClaimState',
  'safeTClaimCreationTime',
  'safeTClaimReimbursementAmount',
  'refundedAmount',
  'category',
  'vat',
  'orderItemId',
])

/** A header, and what its columns are taken as. */
export interface Header extends Table {
  readonly columns: readonly Column[]
  readonly orderReferenceAt: number
  readonly places: Places
  /** Columns beyond the cells: kept, obeyed, or written twice. */
  readonly others: readonly { readonly at: number; readonly column: Column }[]
  /** Positions that are archived; null when all are. */
  readonly kept: readonly number[] | null
  /** Fewest cells of a row that may have left out its blank end. */
  readonly fewest: number
}

/**
 * The record as it may be archived: without the cells of dropped columns (A9), else untouched but for quotes, which are
 * written so that they can be read in one way only. A row with a wrong count of cells is withheld where columns are dropped,
 * as any of its cells may be theirs; it keeps its number and its fault.
 */
export function copyOf(
  header: Header,
  raw: string,
  cells: readonly string[],
  wrongCount: RowFault | null,
): string {
  const { kept, separator } = header
  const hasExtra = header.others.some(({ column }) => column.kind === 'extra')
  if (kept === null && !hasExtra && !raw.includes('"')) return raw
  if (kept !== null && wrongCount === 'too_few_columns') return WITHHELD
  if (kept !== null && wrongCount === 'too_many_columns') return separator.repeat(kept.length) + WITHHELD
  const written = wrongCount === null ? keptOf(header, cells) : cells
  const line = written.map((cell) => writtenCell(cell, header)).join(separator)
  // At the end of a line it would be half of a line end.
  return line.replace(/\r+$/, '')
}

/** Cells of a record that are kept; what an unknown column may not hold is blank. */
export function keptOf({ kept, columns }: Header, cells: readonly string[]): string[] {
  const positions = kept ?? cells.slice(0, columns.length).map((_, at) => at)
  return positions.map((at) => {
    const cell = cells[at] ?? ''
    return columns[at]?.kind === 'extra' && !mayBeKept(cell) ? '' : cell
  })
}

export function headerOf({ separator, quoted, headers }: Dialect): Header {
  const columns = columnsOf(headers)
  const count = columns.length
  const places = placesAt(count)
  const others: { at: number; column: Column }[] = []
  let orderReferenceAt = -1
  for (const [at, column] of columns.entries()) {
    if (column.kind === 'dropped') continue
    if (column.kind !== 'cell') others.push({ at, column })
    else if (column.name === 'orderReference' && orderReferenceAt < 0) orderReferenceAt = at
    else if (column.name !== 'orderReference' && places[column.name] === count) places[column.name] = at
    else others.push({ at, column })
  }
  const kept = columns.flatMap((column, at) => (column.kind === 'dropped' ? [] : [at]))
  const named = headers.findLastIndex((header) => header.trim() !== '') + 1
  const columnsNamed = columns.slice(0, named)
  const lastNeeded = columnsNamed.findLastIndex(
    (column) => column.kind !== 'cell' || !MAY_BE_LEFT_OUT.has(column.name),
  )
  return {
    separator,
    quoted,
    count,
    columns,
    orderReferenceAt,
    places,
    others,
    kept: kept.length === count ? null : kept,
    isStrict: columnsNamed.some(({ kind }) => kind === 'dropped'),
    fewest: lastNeeded + 1,
    named,
  }
}
