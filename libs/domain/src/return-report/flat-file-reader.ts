import { misplacedCells } from './cells-in-place.ts'
import { cellOf, cellsAt } from './cells-of.ts'
import type { CellName } from './columns.ts'
import { type Dialect, dialectOf, documentKind } from './document-kind.ts'
import {
  type DocumentRow,
  faultOf,
  hasControl,
  type Layout,
  MOST_RECORD_LETTERS,
  mayBeKept,
  NO_EXTRA,
  noRows,
  notReturns,
  type Owner,
  type RowFault,
  type RowReader,
  type RowsOfPiece,
  tooLong,
} from './document-row.ts'
import { copyOf, type Header, headerOf, keptOf } from './flat-file-header.ts'
import { orderReferenceOf } from './order-reference.ts'
import { belongsTo, checkSeller } from './owner.ts'
import { recordAt, UNDECIDED } from './records-of-lines.ts'

/**
 * Reads a flat-file returns report, whatever its separator, its order of columns and its line ends.
 *
 * Columns go by their header, and by the next one where documents were joined. A header is no row, nor is a line without
 * cells. A row whose cells may belong to other columns is a fault.
 */
export class FlatFileReader implements RowReader {
  readonly #owner: Owner
  readonly #copies: boolean
  readonly #unknown = new Set<string>()
  #dropped = 0
  #header: Header | undefined
  #lineEnd: '\n' | '\r' | undefined
  #rest = ''
  #rowNumber = 0

  /** @param copies Whether pieces carry a copy for the archive. */
  constructor(owner: Owner, copies: boolean) {
    this.#owner = owner
    this.#copies = copies
  }

  layout(): Layout {
    return { format: 'flat file', unknownColumns: [...this.#unknown], droppedColumns: this.#dropped }
  }

  read(text: string): RowsOfPiece {
    return this.readLines(text.split('\n'))
  }

  readLines(lines: readonly string[]): RowsOfPiece {
    return this.#read(lines, false)
  }

  end(): RowsOfPiece {
    const piece = this.#read([''], true)
    if (!this.#header) throw notReturns('an empty document')
    return piece
  }

  #read(parts: readonly string[], isLast: boolean): RowsOfPiece {
    const piece = noRows()
    const lines = this.#linesOf(parts, isLast)
    for (let at = 0; at < lines.length; ) {
      const taken = this.#readAt(lines, at, isLast, piece)
      if (taken === UNDECIDED) {
        this.#rest = `${lines.slice(at).join('\n')}\n${this.#rest}`
        break
      }
      at += taken
    }
    if (this.#rest.length > MOST_RECORD_LETTERS) throw tooLong()
    return piece
  }

  /** Whole lines without their ends; what is behind the last end is kept for the next piece. */
  #linesOf(parts: readonly string[], isLast: boolean): string[] {
    let lines = (this.#rest + parts[0]).split('\n').concat(parts.slice(1))
    this.#lineEnd ??= lineEndOf(lines, isLast)
    if (this.#lineEnd === '\r') lines = lines.flatMap((line) => line.split('\r'))
    const last = lines.pop() as string
    // A carriage return at the very end may be half of a line end.
    lines = lines.map((line) => (line.endsWith('\r') ? line.replace(/\r+$/, '') : line))
    if (isLast) lines.push(last)
    this.#rest = isLast ? '' : last
    return lines
  }

  /** Reads the record that begins at a line. @returns How many lines it takes. */
  #readAt(
    lines: readonly string[],
    at: number,
    isLast: boolean,
    piece: RowsOfPiece,
  ): number | typeof UNDECIDED {
    const line = lines[at] as string
    if (isBlankLine(line)) return 1
    const header = this.#header
    if (!header) {
      this.#begin(line, piece)
      return 1
    }
    const { separator } = header
    if (line.length > MOST_RECORD_LETTERS) throw tooLong()
    let cells: string[]
    let taken = 1
    let isBroken = false
    if (line.includes('"')) {
      const record = recordAt(lines, at, header, isLast)
      if (record === UNDECIDED) return UNDECIDED
      cells = record.cells
      taken = record.lines
      isBroken = record.isBroken ?? false
    } else {
      cells = line.split(separator)
    }
    const first = cells[header.orderReferenceAt] ?? ''
    if (!holdsDigits(first) && this.#isNoRow(line, header, cells, piece)) return taken
    const raw = taken === 1 ? line : lines.slice(at, at + taken).join('\n')
    const isCut = isLast && at + taken === lines.length
    const fault = isBroken ? 'too_many_columns' : misplacedCells(header, cells, isCut)
    if (this.#copies) piece.copy += copyOf(header, raw, cells, fault) + (isCut ? '' : '\n')
    this.#take(header, raw, cells, fault, piece)
    return taken
  }

  #begin(line: string, piece: RowsOfPiece): void {
    const dialect = dialectOf(line)
    if (!dialect) {
      const kind = documentKind(line)
      throw notReturns(kind.returns ? 'a table' : kind.looksLike)
    }
    this.#useHeader(dialect, piece)
  }

  /**
   * Rows of blank cells are none, nor is a header: documents that were joined have one in their midst. Cells that are not
   * archived do not count, or else the copy would have fewer rows.
   */
  #isNoRow(line: string, header: Header, cells: readonly string[], piece: RowsOfPiece): boolean {
    const archived = cells.length === header.count ? keptOf(header, cells) : cells
    if (archived.every((cell) => cell.trim() === '')) return true
    const dialect = line.length < FEWEST_HEADER_LETTERS ? null : dialectOf(line)
    if (dialect) this.#useHeader(dialect, piece)
    return dialect !== null
  }

  #useHeader(dialect: Dialect, piece: RowsOfPiece): void {
    const header = headerOf(dialect)
    this.#header = header
    const dropped = header.columns.slice(0, header.named).filter(({ kind }) => kind === 'dropped').length
    this.#dropped = Math.max(this.#dropped, dropped)
    for (const column of header.columns) if (column.kind === 'extra') this.#unknown.add(column.header)
    if (!this.#copies) return
    const kept = header.kept ?? header.columns.map((_, at) => at)
    const cells = kept.map((at) => (dialect.headers[at] as string).trim())
    const written = dialect.quoted ? cells.map((cell) => `"${cell}"`) : cells
    piece.copy += `${written.join(dialect.separator)}\n`
  }

  #take(header: Header, raw: string, cells: string[], wrongCount: RowFault | null, piece: RowsOfPiece): void {
    const rowNumber = ++this.#rowNumber
    const unusable = wrongCount ?? (this.#holdsControl(header, raw, cells) ? 'control_character' : null)
    if (unusable) {
      piece.rejected.push({ rowNumber, reason: unusable })
      return
    }
    const row = this.#rowOf(header, cells, rowNumber)
    const fault = faultOf(row.orderReference || null, row.cells)
    if (fault) {
      piece.rejected.push({ rowNumber, reason: fault })
      return
    }
    for (const { at, column } of header.others) {
      const value = cellOf(cells[at])
      if (value === null) continue
      if (column.kind === 'seller') checkSeller(value, this.#owner)
      if (column.kind === 'marketplace' && !belongsTo(value, this.#owner)) {
        piece.skipped.push({ rowNumber, reason: 'other_marketplace' })
        return
      }
    }
    piece.rows.push(row)
  }

  #holdsControl(header: Header, raw: string, cells: readonly string[]): boolean {
    return hasControl(raw) && keptOf(header, cells).some(hasControl)
  }

  #rowOf(header: Header, values: readonly string[], rowNumber: number): DocumentRow {
    let orderReference = orderReferenceOf(cellOf(values[header.orderReferenceAt]) ?? '')
    const cells = cellsAt(values, header.places)
    if (header.others.length === 0) return { rowNumber, orderReference, cells, extra: NO_EXTRA }
    const extra: Record<string, string> = {}
    const twice: Partial<Record<CellName, string>> = {}
    for (const { at, column } of header.others) {
      const value = cellOf(values[at])
      if (value === null) continue
      if (column.kind === 'extra' && mayBeKept(value)) extra[column.header] = value
      if (column.kind !== 'cell') continue
      if (column.name === 'orderReference') orderReference = orderReferenceOf(value)
      else twice[column.name] = value
    }
    return { rowNumber, orderReference, cells: { ...cells, ...twice }, extra }
  }
}

/** `OrderID,ReturnRequestDate,MerchantSKU` has more: looking for a header costs more than reading a row. */
const FEWEST_HEADER_LETTERS = 30

/** Each order ID has them, no header does. */
const DIGITS = /\d{3}/
const holdsDigits = (text: string) =>
  (isDigit(text.charCodeAt(0)) && isDigit(text.charCodeAt(1)) && isDigit(text.charCodeAt(2))) ||
  DIGITS.test(text)

/** A line of blanks, or of control characters such as the end mark of an old disk, is none. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const isBlankLine = (line: string) => !isDigit(line.charCodeAt(0)) && /^[\s\u0000-\u001f]*$/.test(line)

const isDigit = (code: number) => code >= 0x30 && code <= 0x39

/** What ends the first line: a carriage return alone ends lines only where it ends the first. */
function lineEndOf(lines: readonly string[], isLast: boolean): '\n' | '\r' | undefined {
  const [first = ''] = lines
  const at = first.indexOf('\r')
  const isAtEnd = at < 0 || at + 1 === first.length
  if (isAtEnd && lines.length > 1) return '\n'
  if (at < 0) return undefined
  return isAtEnd && !isLast ? undefined : '\r'
}
