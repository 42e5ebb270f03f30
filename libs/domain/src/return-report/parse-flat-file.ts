import { type Cells, type Column, columnsOf, foldHeader, looksLikeBuyer, NO_CELLS } from './columns.ts'

/** One row of a document, its cells trimmed and blanks as null. Row 1 is the first below the header. */
export interface DocumentRow {
  readonly rowNumber: number
  readonly orderReference: string
  readonly cells: Cells
  readonly extra: Readonly<Record<string, string>>
}

/** Why a row cannot be read: a closed list. */
export type RowFault = 'order_id_missing' | 'sku_missing' | 'too_many_columns'

export type ParsedRow =
  | { readonly row: DocumentRow }
  | { readonly rowNumber: number; readonly fault: RowFault }

/** Lines of a text that comes in pieces, without their ends; blank lines count as none. */
export async function* linesOf(text: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of text) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield line.replace(/\r$/, '')
  }
  if (rest.trim() !== '') yield rest.replace(/\r$/, '')
}

/**
 * Reads the lines of a flat-file returns report.
 *
 * Columns go by their header. A header that is repeated further down is no row. A short row lacks its last cells.
 * Quotes are letters, unless the count of columns is wrong and quoting explains it.
 */
export class FlatFileParser {
  readonly #columns: readonly Column[]
  readonly #header: string
  #rowNumber = 0

  /** @param header The first line. */
  constructor(header: string) {
    this.#header = header.split('\t').map(foldHeader).join('\t')
    this.#columns = columnsOf(header.split('\t'))
  }

  /** Columns that may hold buyer data are left out of what is archived: the line without them. */
  redact(line: string): string {
    const cells = split(line, this.#columns.length)
    return cells.filter((cell, at) => this.#keeps(at, cell)).join('\t')
  }

  /** Null for a repeated header. */
  parse(line: string): ParsedRow | null {
    const values = split(line, this.#columns.length)
    if (values.map(foldHeader).join('\t') === this.#header) return null
    const rowNumber = ++this.#rowNumber
    if (values.slice(this.#columns.length).some((v) => v.trim() !== ''))
      return { rowNumber, fault: 'too_many_columns' }
    const cells: Record<string, string | null> = { ...NO_CELLS }
    const extra: Record<string, string> = {}
    let orderReference = ''
    for (const [at, column] of this.#columns.entries()) {
      const value = (values[at] ?? '').trim()
      if (value === '') continue
      if (column.kind === 'extra') {
        if (!looksLikeBuyer(value)) extra[column.header] = value
      } else if (column.kind === 'cell') {
        if (column.name === 'orderReference') orderReference = value
        else cells[column.name] = value
      }
    }
    if (orderReference === '') return { rowNumber, fault: 'order_id_missing' }
    if (cells.merchantSku === null && cells.asin === null) return { rowNumber, fault: 'sku_missing' }
    return { row: { rowNumber, orderReference, cells: cells as Cells, extra } }
  }

  #keeps(at: number, cell: string): boolean {
    const column = this.#columns[at]
    if (!column || column.kind === 'dropped') return false
    return column.kind === 'cell' || !looksLikeBuyer(cell.trim())
  }
}

function split(line: string, columns: number): string[] {
  const plain = line.split('\t')
  if (plain.length <= columns || !line.includes('"')) return plain
  const quoted = splitQuoted(line)
  return quoted.length <= columns ? quoted : plain
}

/** Splits a line in which a cell may be quoted, with quotes doubled inside. */
function splitQuoted(line: string): string[] {
  return [...line.matchAll(/(?:^|\t)(?:"((?:[^"]|"")*)"|([^\t]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
  )
}
