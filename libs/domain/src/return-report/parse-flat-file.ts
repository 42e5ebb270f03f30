import { readDate } from '../dates.ts'
import { Fault } from '../fault.ts'
import { type CellName, type Cells, type Column, columnsOf, foldHeader, NO_CELLS } from './columns.ts'

/** One row of a document, its cells trimmed and blanks as null. Row 1 is the first below the header. */
export interface DocumentRow {
  readonly rowNumber: number
  readonly orderReference: string
  readonly cells: Cells
  readonly extra: Readonly<Record<string, string>>
}

/** Why a row cannot be read, with words for a person: a closed list. */
export const rowFaults = {
  too_many_columns: 'has more cells than the header: a tab inside a cell?',
  too_few_columns: 'has fewer cells than the header: cut?',
  control_character: 'holds a control character',
  order_id_missing: 'has no order ID',
  sku_missing: 'has neither Merchant SKU nor ASIN',
  date_unreadable: 'has a date that is no day of the calendar',
} as const

export type RowFault = keyof typeof rowFaults

export type ParsedRow =
  | { readonly row: DocumentRow }
  | { readonly rowNumber: number; readonly fault: RowFault }

/** The longest line: a document without line ends is no table. */
const MOST_LINE_LETTERS = 1024 * 1024

/**
 * Lines of a text that comes in pieces, without their ends; blank lines count as none.
 *
 * @throws Fault `DOCUMENT_UNREADABLE` when a line is longer than 1 Mi letters.
 */
export async function* linesOf(text: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of text) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield line.replace(/\r$/, '')
    if (rest.length > MOST_LINE_LETTERS) {
      throw new Fault(
        'DOCUMENT_UNREADABLE',
        `A line is longer than ${MOST_LINE_LETTERS} letters: no table of rows`,
      )
    }
  }
  if (rest.trim() !== '') yield rest.replace(/\r$/, '')
}

/** Dates that decide: identity, start time, the states of a return. */
const DATES: readonly CellName[] = ['returnRequestDate', 'orderDate', 'returnDeliveryDate']

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for; Postgres cannot store NUL
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/

/** What stands for a row whose cells nobody can tell apart, in a document with columns that are dropped. */
const WITHHELD = 'withheld'

/**
 * Reads the lines of a flat-file returns report.
 *
 * Columns go by their header. A header that is repeated further down is no row. A row with more or fewer cells than the
 * header is a fault: its cells may belong to other columns. Quotes are letters, unless the count of columns is wrong and
 * quoting explains it.
 */
export class FlatFileParser {
  readonly #columns: readonly Column[]
  readonly #header: string
  readonly #keptCount: number
  #rowNumber = 0

  /** @param header The first line. */
  constructor(header: string) {
    this.#header = header.split('\t').map(foldHeader).join('\t')
    this.#columns = columnsOf(header.split('\t'))
    this.#keptCount = this.#columns.filter((column) => column.kind !== 'dropped').length
  }

  /**
   * The line as it may be archived: without the cells of dropped columns (A9), else untouched. A row with a wrong count of
   * cells is withheld where columns are dropped, as any of its cells may be theirs; it keeps its number and its fault.
   */
  redact(line: string): string {
    const count = this.#columns.length
    if (this.#keptCount === count) return line
    const cells = split(line, count)
    if (cells.length < count) return WITHHELD
    if (cells.length > count) return '\t'.repeat(this.#keptCount) + WITHHELD
    return cells
      .filter((_, at) => this.#columns[at]?.kind !== 'dropped')
      .map(quotedIfNeeded)
      .join('\t')
  }

  /** Null for a repeated header. */
  parse(line: string): ParsedRow | null {
    const values = split(line, this.#columns.length)
    if (values.map(foldHeader).join('\t') === this.#header) return null
    const rowNumber = ++this.#rowNumber
    const fault = (reason: RowFault) => ({ rowNumber, fault: reason })
    if (values.slice(this.#columns.length).some((v) => v.trim() !== '')) return fault('too_many_columns')
    if (values.length < this.#columns.length) return fault('too_few_columns')
    if (CONTROL.test(line.replaceAll('\t', ''))) return fault('control_character')
    const cells: Record<string, string | null> = { ...NO_CELLS }
    const extra: Record<string, string> = {}
    let orderReference = ''
    for (const [at, column] of this.#columns.entries()) {
      const value = (values[at] ?? '').trim()
      if (value === '') continue
      if (column.kind === 'extra') {
        extra[column.header] = value
      } else if (column.kind === 'cell') {
        if (column.name === 'orderReference') orderReference = value
        else cells[column.name] = value
      }
    }
    if (orderReference === '') return fault('order_id_missing')
    if (cells.merchantSku === null && cells.asin === null) return fault('sku_missing')
    if (DATES.some((name) => cells[name] && readDate(cells[name]) === null)) return fault('date_unreadable')
    return { row: { rowNumber, orderReference, cells: cells as Cells, extra } }
  }
}

function split(line: string, columns: number): string[] {
  const plain = line.split('\t')
  if (plain.length <= columns || !line.includes('"')) return plain
  const quoted = splitQuoted(line)
  return quoted.length === columns ? quoted : plain
}

/** Splits a line in which a cell may be quoted, with quotes doubled inside. */
function splitQuoted(line: string): string[] {
  return [...`\t${line}`.matchAll(/\t(?:"((?:[^"]|"")*)"(?=\t|$)|([^\t]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
  )
}

const quotedIfNeeded = (cell: string): string =>
  cell.includes('\t') ? `"${cell.replaceAll('"', '""')}"` : cell
