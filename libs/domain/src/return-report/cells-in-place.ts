import type { CellName } from './columns.ts'
import type { RowFault } from './document-row.ts'
import type { Header } from './flat-file-header.ts'
import { fits } from './records-of-lines.ts'

const AMOUNT = /^\d+([.,]\d+)?$/
const UNITS = /^\d+$/

/** Columns that show by their look whether the cells before them are in their places. */
const LOOKS: readonly (readonly [CellName, RegExp])[] = [
  ['returnQuantity', UNITS],
  ['orderQuantity', UNITS],
  ['orderAmount', AMOUNT],
]

/** Columns that hold digits in any document; an amount may have a sign or thousands. */
const QUANTITIES = LOOKS.filter(([, look]) => look === UNITS)

/**
 * Why cells of a row may stand in columns that are not theirs; null when none can.
 *
 * A separator inside a cell moves all cells behind it, a blank cell at the end hides that, and a missing cell moves them
 * the other way. So a row is read in two cases only:
 * - It has the very count of the header. Where columns are dropped, quantities that are filled must be digits and nothing
 *   may stand behind the last header: a row that lacks its end may have a separator too many (A9).
 * - It differs by blanks at its end, no column is dropped, and columns that hold numbers hold them. Where one
 *   is dropped no look is proof enough: cells between it and the buyer's may have moved.
 *
 * @param isCut Whether the document ends in this row without a line end.
 */
export function misplacedCells(header: Header, cells: readonly string[], isCut: boolean): RowFault | null {
  const { count, isStrict, fewest } = header
  if (cells.length === count) return isStrict && !looksInPlace(header, cells) ? 'too_many_columns' : null
  if (cells.length > count)
    return fits(cells, header) && endsInPlace(header, cells) ? null : 'too_many_columns'
  const mayLackItsEnd = !isStrict && !isCut && cells.length >= fewest
  return mayLackItsEnd && endsInPlace(header, cells) ? null : 'too_few_columns'
}

function looksInPlace(header: Header, cells: readonly string[]): boolean {
  const { named } = header
  if (cells.length > named && cells.slice(named).some((cell) => cell.trim() !== '')) return false
  return QUANTITIES.every((column) => !isOutOfPlace(header, cells, column))
}

/** Each column with a look has it or is blank, and the last one is not blank: cells are missing or added behind it alone. */
function endsInPlace(header: Header, cells: readonly string[]): boolean {
  const { places, count } = header
  const looks = LOOKS.filter(([name]) => places[name] < count)
  const last = Math.max(...looks.map(([name]) => places[name]))
  return (cells[last] ?? '').trim() !== '' && !looks.some((column) => isOutOfPlace(header, cells, column))
}

function isOutOfPlace(
  { places }: Header,
  cells: readonly string[],
  [name, look]: (typeof LOOKS)[number],
): boolean {
  const cell = (cells[places[name]] ?? '').trim()
  return cell !== '' && !look.test(cell)
}
