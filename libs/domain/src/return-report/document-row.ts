import { isBlankWord, readUnits } from '../cells.ts'
import { readDate } from '../dates.ts'
import { Fault } from '../fault.ts'
import type { CellName, Cells } from './columns.ts'

/** One row of a document, its cells trimmed and blanks as null. Row 1 is the first below the header. */
export interface DocumentRow {
  readonly rowNumber: number
  readonly orderReference: string
  readonly cells: Cells
  readonly extra: Readonly<Record<string, string>>
}

/** Why a row cannot be read, with words for a person: a closed list. */
export const rowFaults = {
  too_many_columns: 'has more cells than the header, or some in other columns: a tab or comma inside a cell?',
  too_few_columns: 'has fewer cells than the header: cut?',
  control_character: 'holds a control character, or bytes that are not of its charset',
  order_id_missing: 'has no order ID',
  sku_missing: 'has neither Merchant SKU nor ASIN',
  date_unreadable:
    'has a date that is no day of the calendar, or may be two (07/08/2026): write it as 14-Jul-2026 or 2026-07-14',
  quantity_unreadable: 'has a Return quantity that is no whole number',
  number_shortened:
    'has an order ID, SKU, order item ID or tracking ID such as 1.23E+14, shortened by a spreadsheet: import the document as Amazon gave it',
  row_too_long: 'is longer than 200,000 letters: a quote without its end?',
  element_not_closed: 'has an XML element that is not closed',
} as const

export type RowFault = keyof typeof rowFaults

/** A row that cannot be read. */
export interface RejectedRow {
  readonly rowNumber: number
  readonly reason: RowFault
}

/** Why a row that can be read is left out: a closed list. */
export type RowSkip = 'other_marketplace'

/** What was read of one piece of a document. Each row of the document is in one of the lists, once. */
export interface RowsOfPiece {
  readonly rows: DocumentRow[]
  readonly rejected: RejectedRow[]
  readonly skipped: { readonly rowNumber: number; readonly reason: RowSkip }[]
  /** The piece as it may be archived, without dropped columns (A9); blank when no copy was asked for. */
  copy: string
}

/** Of rows without unknown columns. */
export const NO_EXTRA: DocumentRow['extra'] = Object.freeze({})

export const noRows = (): RowsOfPiece => ({ rows: [], rejected: [], skipped: [], copy: '' })

/** What a document turned out to be. */
export interface Layout {
  readonly format: 'flat file' | 'xml'
  /** Unknown columns that are kept in `extra`, as they are spelled. */
  readonly unknownColumns: readonly string[]
  /** How many columns were dropped: they may be the buyer's. Their names are not told, as names may be data. */
  readonly droppedColumns: number
}

/** Reads a document that comes in pieces, cut anywhere. */
export interface RowReader {
  /** @throws Fault `DOCUMENT_NOT_RETURNS`, `DOCUMENT_OF_OTHER_SELLER`, `DOCUMENT_UNREADABLE`. */
  read(text: string): RowsOfPiece
  /** A piece that was split at its line feeds: its last line goes on in the next piece. @throws as `read`. */
  readLines(lines: readonly string[]): RowsOfPiece
  /** The rest, at the end of the text. @throws as `read`. */
  end(): RowsOfPiece
  /** What is known of the document so far. */
  layout(): Layout
}

/** Whose document it should be. */
export interface Owner {
  readonly sellerId: string
  readonly marketplaceId: string
}

/** The longest record: a text without ends is no table, and would fill the memory. */
export const MOST_RECORD_LETTERS = 1024 * 1024

export const tooLong = () =>
  new Fault(
    'DOCUMENT_UNREADABLE',
    `A row is longer than ${MOST_RECORD_LETTERS} letters: this is no table of rows`,
  )

export const notReturns = (looksLike: string) =>
  new Fault(
    'DOCUMENT_NOT_RETURNS',
    `This looks like ${looksLike}, not like a returns report: a table separated by tabs, with the columns Order ID, Return request date and Merchant SKU, or Amazon's XML`,
  )

/** Dates that decide: identity, start time, the states of a return. */
const DATES = ['returnRequestDate', 'orderDate', 'returnDeliveryDate'] as const satisfies readonly CellName[]

/** A report has some 60 days; the cap holds what a document of nonsense may fill. */
const MOST_DATES_KEPT = 1_000
/** `02-Aug-2026`. A longer text would be a slice that keeps its whole document in memory. */
const MOST_DATE_LETTERS = 11
const readableDates = new Map<string, boolean>()

function isReadableDate(text: string): boolean {
  if (text.length > MOST_DATE_LETTERS) return isBlankWord(text) || readDate(text) !== null
  const kept = readableDates.get(text)
  if (kept !== undefined) return kept
  if (readableDates.size >= MOST_DATES_KEPT) readableDates.clear()
  const readable = isBlankWord(text) || readDate(text) !== null
  readableDates.set(text, readable)
  return readable
}

/** What makes a row unusable, whatever document it came in; null when nothing does. */
export function faultOf(orderReference: string | null, cells: Cells): RowFault | null {
  if (orderReference === null) return 'order_id_missing'
  if (cells.merchantSku === null && cells.asin === null) return 'sku_missing'
  for (const name of DATES) {
    const date = cells[name]
    if (date !== null && !isReadableDate(date)) return 'date_unreadable'
  }
  if (cells.returnQuantity !== null && !isReadableQuantity(cells.returnQuantity)) return 'quantity_unreadable'
  const { merchantSku, orderItemId, trackingId } = cells
  const isAnyShortened =
    isShortened(orderReference) ||
    isShortened(merchantSku) ||
    isShortened(orderItemId) ||
    isShortened(trackingId)
  return isAnyShortened ? 'number_shortened' : null
}

/** Most rows have one piece: a letter is looked at faster than a text. */
function isReadableQuantity(text: string): boolean {
  const code = text.charCodeAt(0)
  if (text.length === 1 && code >= 0x30 && code <= 0x39) return true
  return readUnits(text) !== null || isBlankWord(text)
}

/** A number of many digits as a spreadsheet shows it: its last digits are lost. */
const SHORTENED = /^\d[.,]\d+E\+\d{2,3}$/
const FEWEST_LETTERS = '1.2E+12'.length
const PLUS = 0x2b

function isShortened(text: string | null): boolean {
  if (text === null || text.length < FEWEST_LETTERS) return false
  const mayBe = text.charCodeAt(text.length - 3) === PLUS || text.charCodeAt(text.length - 4) === PLUS
  return mayBe && SHORTENED.test(text)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for; Postgres cannot store NUL
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/

export const hasControl = (text: string): boolean => CONTROL.test(text)

/** An unknown column may turn out to hold what its name does not say: mail addresses are left out (A9). */
export const mayBeKept = (value: string): boolean => !value.includes('@')
