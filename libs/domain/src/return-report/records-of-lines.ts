import type { Separator } from './document-kind.ts'

/** A record of a table: its cells, as they are written or out of their quotes. */
export interface TableRecord {
  readonly cells: string[]
  /** How many lines it takes. */
  readonly lines: number
  /** Its quotes are broken, so that a separator may belong to a cell: cells are not to be told apart. */
  readonly isBroken?: true
}

/** How many lines a cell in quotes may take, and how many letters: beyond that a quote is a letter. */
const MOST_LINES = 100
const MOST_LETTERS = 64 * 1024

/** Says that the record may go on in lines that are not there yet. */
export const UNDECIDED = 'undecided'

export interface Table {
  readonly separator: Separator
  /** Quotes are syntax in all cells; else they are letters wherever that explains the count of cells. */
  readonly quoted: boolean
  /** Cells of the header. */
  readonly count: number
  /** Cells of the header up to the last that is not blank: a separator behind it ends the line. */
  readonly named: number
  /** Columns are dropped (A9): of two readings neither is taken, as a wrong one moves the buyer's cells. */
  readonly isStrict: boolean
}

/**
 * The record that begins at a line with a quote in it.
 *
 * Inch marks and quotes are the same letter. So each reading is tried, and the one that gives the right count of cells is
 * taken: in a tab-separated document first quotes as letters, in others first as syntax. A line whose quotes explain
 * nothing is a record of its own, with the wrong count of cells.
 *
 * @param isLast True when no more lines will come.
 */
export function recordAt(
  lines: readonly string[],
  at: number,
  table: Table,
  isLast: boolean,
): TableRecord | typeof UNDECIDED {
  const { separator, quoted, count, isStrict } = table
  const line = lines[at] as string
  const plain = line.split(separator)
  const fitsAsLetters = !quoted && fits(plain, table)
  if (fitsAsLetters && !beginsCell(line, separator)) return { cells: plain, lines: 1 }
  const asLetters = {
    cells: plain.map(quoted || plain.every(isWhole) ? withoutQuotes : withoutNeededQuotes),
    lines: 1,
  }
  if (fitsAsLetters && !plain.some(isOpen)) return asLetters
  const asSyntax = quotedRecordAt(lines, at, table, isLast)
  if (asSyntax === null) return isStrict && quoted ? { ...asLetters, isBroken: true } : asLetters
  if (isStrict && !quoted)
    return asSyntax === UNDECIDED || isOfProgram(asSyntax, table) ? asSyntax : asLetters
  // Blank cells behind the last column explain as much as quotes do, unless quotes give the very count.
  const blankEnd = !quoted && plain.length > count && fits(plain, table)
  return blankEnd && asSyntax !== UNDECIDED && asSyntax.cells.length > count ? asLetters : asSyntax
}

/** Whether a quote begins a cell: no other can be syntax. */
const beginsCell = (line: string, separator: string): boolean =>
  line.startsWith('"') || line.includes(`${separator}"`)

/** The count of the header; blank cells behind its last column count as none. */
const fits = (cells: readonly string[], { count, named }: Table): boolean =>
  cells.length === count || (cells.length >= named && isBlankFrom(cells, named))

export const isBlankFrom = (cells: readonly string[], from: number): boolean =>
  cells.slice(from).every((cell) => cell.trim() === '')

/** Quotes around a separator are sure to be syntax when others are doubled inside: only programs write that. */
const isOfProgram = ({ cells }: TableRecord, { separator }: Table): boolean =>
  cells.every((cell) => !cell.includes(separator) || cell.includes('"'))

/** Cells by the rules of RFC 4180, over as many lines as they take; null when that does not give the right count. */
function quotedRecordAt(
  lines: readonly string[],
  at: number,
  table: Table,
  isLast: boolean,
): TableRecord | typeof UNDECIDED | null {
  const { count } = table
  let text = lines[at] as string
  let openedAt = -1
  for (let taken = 1; ; taken++) {
    const split = splitQuoted(text, table, openedAt)
    if (split === null) return null
    const { cells } = split
    if (split.openedAt < 0)
      return fits(cells, table) && !cells.some(hasRecordInside) ? { cells, lines: taken } : null
    openedAt = split.openedAt
    const openLetters = text.length - openedAt
    if (cells.length > count || taken >= MOST_LINES || openLetters > MOST_LETTERS) return null
    const next = lines[at + taken]
    if (next === undefined) return isLast ? null : UNDECIDED
    text = `${text}\n${next}`
  }
}

/** A line of a cell that has an order ID among its cells is a record: the quote before it was a letter. */
const hasRecordInside = (cell: string): boolean =>
  cell.includes('\n') && /\n(?:.*[\t,;])?\d{3}-\d{7}-\d{7}[\t,;]/.test(cell)

/**
 * Cells of a text in which a cell may be in quotes, with quotes doubled inside.
 *
 * @param mustBeQuoted Where a cell begins for whose quotes lines were joined.
 * @returns `openedAt`: where the last cell begins when its quotes are not closed, else -1. Null when quotes that must be
 *   syntax turn out to be letters.
 */
function splitQuoted(
  text: string,
  { separator, quoted, isStrict }: Table,
  mustBeQuoted: number,
): { cells: string[]; openedAt: number } | null {
  const cells: string[] = []
  for (let from = 0; ; ) {
    const closed = text[from] === '"' ? endOfQuotes(text, from, separator) : 'letters'
    if (closed === 'open') return { cells: [...cells, text.slice(from)], openedAt: from }
    const mustBe = from === mustBeQuoted || (isStrict && quoted && text[from] === '"')
    if (closed === 'letters' && mustBe) return null
    const found = closed === 'letters' ? text.indexOf(separator, from) : closed
    const to = found < 0 ? text.length : found
    const cell = text.slice(from, to)
    cells.push(closed === 'letters' ? cell : unquoted(cell))
    if (to === text.length) return { cells, openedAt: -1 }
    from = to + 1
  }
}

/** Where a cell in quotes ends: before a separator, or at the end of the text. */
function endOfQuotes(text: string, from: number, separator: string): number | 'open' | 'letters' {
  for (let at = from + 1; ; ) {
    const quote = text.indexOf('"', at)
    if (quote < 0) return 'open'
    const next = text[quote + 1]
    if (next === undefined || next === separator) return quote + 1
    if (next !== '"') return 'letters'
    at = quote + 2
  }
}

const unquoted = (cell: string): string => cell.slice(1, -1).replaceAll('""', '"')

const isWhole = (cell: string): boolean =>
  cell.length > 1 && cell.startsWith('"') && cell.endsWith('"') && !/"/.test(unpaired(cell))

/** What stands between the outer quotes, without pairs. */
const unpaired = (cell: string): string => cell.slice(1, -1).replaceAll('""', '')

/** A cell that begins with a quote and does not end with one: it may go on in the next line. */
const isOpen = (cell: string): boolean => cell.startsWith('"') && !isWhole(cell)

const withoutQuotes = (cell: string): string => (isWhole(cell) ? unquoted(cell) : cell)

/** Quotes are taken off where a writer had to set them, as doubled ones inside show; `"Best" lamp` and `12"` keep theirs. */
const withoutNeededQuotes = (cell: string): string =>
  cell === '""' || (isWhole(cell) && cell.slice(1, -1).includes('""')) ? unquoted(cell) : cell

/** A cell as it is read back to what it is, by the same rules. */
export function writtenCell(
  cell: string,
  { separator, quoted }: Pick<Table, 'separator' | 'quoted'>,
): string {
  const needed =
    cell.includes(separator) || cell.includes('\n') || (quoted ? cell.includes('"') : cell.startsWith('"'))
  return needed ? `"${cell.replaceAll('"', '""')}"` : cell
}
