import { readUnits } from '../cells.ts'
import { readDate } from '../dates.ts'
import type { CellName } from './columns.ts'
import type { RowFault } from './document-row.ts'
import type { Header } from './flat-file-header.ts'
import { isBlankFrom } from './records-of-lines.ts'

type Look = (cell: string) => boolean

const isUnits: Look = (cell) => readUnits(cell) !== null
const isAmount: Look = (cell) => /^[-+\u2212]?\d[\d.,'\u2019\s]*$/.test(cell)
const isDate: Look = (cell) => readDate(cell) !== null

/** Columns that show by their look whether the cells before them are in their places. */
const LOOKS: readonly (readonly [CellName, Look])[] = [
  ['returnQuantity', isUnits],
  ['orderQuantity', isUnits],
  ['orderAmount', isAmount],
]

const QUANTITIES = LOOKS.filter(([, look]) => look === isUnits)

/** Columns that Amazon fills in each row. */
const ANCHORS: typeof LOOKS = [['returnRequestDate', isDate], ...QUANTITIES]

/**
 * Why cells of a row may stand in columns that are not theirs; null when none can.
 *
 * A separator inside a cell moves all cells behind it, a blank cell at the end hides that, and a missing cell moves them
 * the other way. So a row in which something stands behind the last header is never read, and others are in three cases only:
 * - It has the very count of the header. Where columns are dropped, quantities that are filled must be whole numbers: a row
 *   that lacks its end may have a separator too many (A9).
 * - It has all columns, and its line ends in more or fewer separators than the header's. Where columns are dropped, cells
 *   behind them must prove that none has moved, also where the header ends in separators that rows may do without.
 * - It lacks columns at its end that may be left out, and no column is dropped.
 *
 * @param isCut Whether the document ends in this row without a line end.
 */
export function misplacedCells(header: Header, cells: readonly string[], isCut: boolean): RowFault | null {
  const { count, named, isStrict, fewest } = header
  if (cells.length > named && !isBlankFrom(cells, named)) return 'too_many_columns'
  const fault = cells.length < count ? 'too_few_columns' : 'too_many_columns'
  if (cells.length === count && (!isStrict || named === count))
    return isStrict && !looksInPlace(header, cells) ? fault : null
  if (cells.length >= named && isStrict) return isAnchored(header, cells) ? null : fault
  const mayEndSo = cells.length >= named || (!isStrict && !isCut && cells.length >= fewest)
  return mayEndSo && endsInPlace(header, cells) ? null : fault
}

const looksInPlace = (header: Header, cells: readonly string[]): boolean =>
  QUANTITIES.every((column) => !isOutOfPlace(header, cells, column))

/** Each column with a look has it or is blank, and the last one is not blank: cells are missing or added behind it alone. */
function endsInPlace(header: Header, cells: readonly string[]): boolean {
  const { places, count } = header
  const numbers = LOOKS.filter(([name]) => places[name] < count)
  // A document of few columns may have none of them.
  const looks = numbers.length > 0 ? numbers : ANCHORS.slice(0, 1)
  const last = Math.max(...looks.map(([name]) => places[name]))
  return (cells[last] ?? '').trim() !== '' && !looks.some((column) => isOutOfPlace(header, cells, column))
}

/**
 * Each anchor behind the last dropped column has its look, and one of them would not have it in any place that it would
 * have if cells had moved. A look alone is no proof: cells that moved by one may be amounts where quantities should be.
 */
function isAnchored({ places, columns, count, named }: Header, cells: readonly string[]): boolean {
  const lastKept = columns.findLastIndex(({ kind }) => kind !== 'dropped')
  const lastDropped = columns.slice(0, lastKept).findLastIndex(({ kind }) => kind === 'dropped')
  const anchors = ANCHORS.filter(([name]) => places[name] > lastDropped && places[name] < count)
  const [mostLeft, mostRight] = [Math.max(0, count - cells.length), cells.length - named]
  const hasLook = (at: number, look: Look) => look((cells[at] ?? '').trim())
  const standsAlone = ([name, look]: (typeof ANCHORS)[number]) => {
    for (let by = -mostLeft; by <= mostRight; by++)
      if (by !== 0 && hasLook(places[name] + by, look)) return false
    return true
  }
  return anchors.every(([name, look]) => hasLook(places[name], look)) && anchors.some(standsAlone)
}

function isOutOfPlace(
  { places }: Header,
  cells: readonly string[],
  [name, look]: (typeof LOOKS)[number],
): boolean {
  const cell = (cells[places[name]] ?? '').trim()
  return cell !== '' && !look(cell)
}
