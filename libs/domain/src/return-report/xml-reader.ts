import { toAmazonDay } from '../dates.ts'
import { Fault } from '../fault.ts'
import { cellOf, cellsAt, placesAt } from './cells-of.ts'
import { type CellName, type Column, columnsOf } from './columns.ts'
import { xmlLooksLike } from './document-kind.ts'
import {
  faultOf,
  hasControl,
  type Layout,
  MOST_RECORD_LETTERS,
  mayBeKept,
  noRows,
  notReturns,
  type Owner,
  type RowFault,
  type RowsOfPiece,
  tooLong,
} from './document-row.ts'
import { belongsTo, checkSeller } from './owner.ts'

/** What a parser of XML tells. Names come as they are written. */
export interface XmlEvents {
  opened(name: string): void
  text(text: string): void
  /** @param isImplied True when the document has no end tag for it. */
  closed(name: string, isImplied: boolean): void
}

/** Elements that hold other elements. What stands in any other is named by the whole way to it. */
const RETURN = 'return_details'
const ITEM = 'item_details'
const WRAPPERS: ReadonlySet<string> = new Set([RETURN, ITEM, 'label_details'])

/** Elements whose name differs from the column's beyond its spelling. */
const ALIASES: Readonly<Record<string, string>> = { refund_amount: 'refunded_amount' }

/** Deeper is no report of Amazon's. */
const MOST_DEPTH = 64

const FLAGS: ReadonlySet<string> = new Set<CellName>(['aToZClaim', 'isPrime', 'inPolicy'])
const DAYS: ReadonlySet<string> = new Set<CellName>(['orderDate', 'returnRequestDate', 'returnDeliveryDate'])
const FLAG_LETTERS: Readonly<Record<string, string>> = { true: 'Y', false: 'N' }

/** A leaf that is kept, below a return or one of its items. */
interface Leaf {
  readonly element: string
  readonly column: Column
  readonly value: string
}

/** One `return_details`. */
interface Return {
  readonly shared: Leaf[]
  readonly items: Leaf[][]
  letters: number
  isBroken: boolean
}

/**
 * Reads an XML returns report: each item of a return is a row, with the cells of the flat file in the flat file's spelling
 * of days and flags, so that both give the same rows.
 *
 * Source: Amazon, "Returns reports attributes", and a real document; see the twin columns there.
 */
export class XmlReader implements XmlEvents {
  readonly #owner: Owner
  readonly #copies: boolean
  readonly #columns = new Map<string, Column>()
  readonly #unknown = new Set<string>()
  readonly #dropped = new Set<string>()
  readonly #path: string[] = []
  #piece: RowsOfPiece = noRows()
  #return: Return | undefined
  #text = ''
  #root = ''
  #messageType = ''
  #returns = 0
  #rowNumber = 0
  #isCut = false

  /** @param copies Whether pieces carry a copy for the archive. */
  constructor(owner: Owner, copies: boolean) {
    this.#owner = owner
    this.#copies = copies
    if (copies) this.#piece.copy = COPY_BEGIN
  }

  layout(): Layout {
    return { format: 'xml', unknownColumns: [...this.#unknown], droppedColumns: this.#dropped.size }
  }

  /** The rows since the last time. */
  take(): RowsOfPiece {
    const piece = this.#piece
    this.#piece = noRows()
    return piece
  }

  /**
   * The last rows, once the text has ended.
   *
   * @throws Fault `DOCUMENT_NOT_RETURNS`; `DOCUMENT_UNREADABLE` when the document has no end.
   */
  end(): RowsOfPiece {
    if (this.#isCut || this.#path.length > 0)
      throw new Fault('DOCUMENT_UNREADABLE', 'The XML document has no end: it was cut on its way')
    if (this.#returns === 0 && !/return/i.test(this.#messageType))
      throw notReturns(xmlLooksLike(this.#root) ?? 'an XML document without returns')
    if (this.#copies) this.#piece.copy += COPY_END
    return this.take()
  }

  opened(name: string): void {
    const folded = fold(name)
    if (this.#path.length === 0) {
      this.#root ||= folded
      if (folded === 'html') throw notReturns('an HTML page')
    }
    if (this.#path.length >= MOST_DEPTH)
      throw new Fault('DOCUMENT_UNREADABLE', `Elements are nested more than ${MOST_DEPTH} deep`)
    this.#path.push(folded)
    this.#text = ''
    if (folded === RETURN && !this.#return)
      this.#return = { shared: [], items: [], letters: 0, isBroken: false }
    else if (folded === ITEM) this.#return?.items.push([])
  }

  text(text: string): void {
    if (this.#return) this.#return.letters += text.length
    if ((this.#return?.letters ?? this.#text.length) > MOST_RECORD_LETTERS) throw tooLong()
    this.#text += text
  }

  closed(name: string, isImplied: boolean): void {
    const folded = fold(name)
    const text = this.#text.trim()
    this.#text = ''
    if (isImplied && this.#return) this.#return.isBroken = true
    if (this.#path.length === 1 && isImplied) this.#isCut = true
    if (!this.#return) {
      if (folded === 'message_type') this.#checkMessageType(text)
      if (text !== '' && columnOfSeller(folded)) checkSeller(text, this.#owner)
    } else if (folded === RETURN && this.#path.filter((step) => step === RETURN).length === 1) {
      this.#endReturn(this.#return)
      this.#return = undefined
    } else if (text !== '' && !WRAPPERS.has(folded)) {
      this.#takeLeaf(this.#return, text)
    }
    this.#path.pop()
  }

  #checkMessageType(text: string): void {
    this.#messageType = text
    if (!/return/i.test(text)) throw notReturns(xmlLooksLike(text) ?? 'another XML document of Amazon’s')
  }

  #takeLeaf(of: Return, value: string): void {
    const from = this.#path.indexOf(RETURN)
    const steps = this.#path.slice(from).filter((step) => !WRAPPERS.has(step))
    const element = steps.join('_')
    const column = this.#columnOf(element)
    if (column.kind === 'dropped' || (column.kind === 'extra' && !mayBeKept(value))) return
    const item = this.#path.includes(ITEM) ? of.items.at(-1) : undefined
    ;(item ?? of.shared).push({ element, column, value: flatSpelling(column, value) })
  }

  #columnOf(element: string): Column {
    const before = this.#columns.get(element)
    if (before) return before
    const [column] = columnsOf([ALIASES[element] ?? element]) as [Column]
    if (this.#columns.size < MOST_ELEMENTS) this.#columns.set(element, column)
    if (column.kind === 'extra') this.#unknown.add(column.header)
    if (column.kind === 'dropped' && this.#dropped.size < MOST_ELEMENTS) this.#dropped.add(element)
    return column
  }

  #endReturn(of: Return): void {
    this.#returns += 1
    if (this.#copies) this.#piece.copy += copyOf(of)
    for (const item of of.items.length > 0 ? of.items : [[]]) this.#takeRow(of, [...of.shared, ...item])
  }

  #takeRow({ isBroken }: Return, leaves: readonly Leaf[]): void {
    const rowNumber = ++this.#rowNumber
    const values = ['']
    const places = placesAt(0)
    const extra: Record<string, string> = {}
    let orderReference: string | null = null
    for (const { column, value } of leaves) {
      if (column.kind === 'extra') extra[column.header] = value
      else if (column.kind === 'seller') checkSeller(value, this.#owner)
      else if (column.kind === 'cell') {
        if (column.name === 'orderReference') orderReference = cellOf(value)
        else places[column.name] = values.push(value) - 1
      }
    }
    const cells = cellsAt(values, places)
    const reason = unreadable(isBroken, leaves) ?? faultOf(orderReference, cells)
    if (reason) this.#piece.rejected.push({ rowNumber, reason })
    else if (
      leaves.some(({ column, value }) => column.kind === 'marketplace' && !belongsTo(value, this.#owner))
    )
      this.#piece.skipped.push({ rowNumber, reason: 'other_marketplace' })
    else this.#piece.rows.push({ rowNumber, orderReference: orderReference as string, cells, extra })
  }
}

function unreadable(isBroken: boolean, leaves: readonly Leaf[]): RowFault | null {
  if (isBroken) return 'element_not_closed'
  return leaves.some(({ value }) => hasControl(value)) ? 'control_character' : null
}

/** Names that are remembered: a document of nonsense may have any number. */
const MOST_ELEMENTS = 1_000

/** `ns:OrderID`, `order-id` and `order_id` are one. */
const fold = (name: string): string => {
  const own = name.slice(name.indexOf(':') + 1)
  return own
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll('-', '_')
}

const columnOfSeller = (element: string) => columnsOf([element])[0]?.kind === 'seller'

/** Days and flags as the flat file spells them. */
function flatSpelling(column: Column, value: string): string {
  if (column.kind !== 'cell') return value
  if (FLAGS.has(column.name)) return FLAG_LETTERS[value.toLowerCase()] ?? value
  return DAYS.has(column.name) ? (toAmazonDay(value) ?? value) : value
}

const COPY_BEGIN = `<?xml version="1.0" encoding="UTF-8"?>
<AmazonEnvelope>
<MessageType>Returns-Report</MessageType>
<Message>
`
const COPY_END = '</Message>\n</AmazonEnvelope>\n'

/** One line of the archived copy: the kept elements of a return. One that is broken stays broken, and is withheld. */
function copyOf({ shared, items, isBroken }: Return): string {
  if (isBroken)
    return `<return_details>${items.map(() => '<item_details></item_details>').join('')}<withheld></return_details>\n`
  const leaves = (of: readonly Leaf[]) =>
    of.map(({ element, value }) => `<${element}>${escaped(value)}</${element}>`).join('')
  const ofItems = items.map((item) => `<item_details>${leaves(item)}</item_details>`).join('')
  return `<return_details>${ofItems}${leaves(shared)}</return_details>\n`
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\n': '&#10;',
  '\r': '&#13;',
}
const escaped = (text: string): string => text.replaceAll(/[&<>\n\r]/g, (letter) => ESCAPES[letter] as string)
