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
  readonly #unknown = new Set<string>()
  readonly #dropped = new Set<string>()
  #element: Element = DOCUMENT()
  #elements = 0
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
    if (this.#isCut || this.#element.depth > 0)
      throw new Fault('DOCUMENT_UNREADABLE', 'The XML document has no end: it was cut on its way')
    if (this.#returns === 0 && !/return/i.test(this.#messageType))
      throw notReturns(xmlLooksLike(this.#root) ?? 'an XML document without returns')
    if (this.#copies) this.#piece.copy += COPY_END
    return this.take()
  }

  opened(name: string): void {
    const element = this.#element.inner.get(name) ?? this.#newElement(name)
    if (element.depth === 1) {
      this.#root ||= element.name
      if (element.name === 'html') throw notReturns('an HTML page')
    }
    this.#element = element
    this.#text = ''
    if (element.name === RETURN && element.returns === 1)
      this.#return = { shared: [], items: [], letters: 0, isBroken: false }
    else if (element.name === ITEM) this.#return?.items.push([])
  }

  text(text: string): void {
    if (this.#return) this.#return.letters += text.length
    if ((this.#return?.letters ?? this.#text.length) > MOST_RECORD_LETTERS) throw tooLong()
    this.#text += text
  }

  closed(_: string, isImplied: boolean): void {
    const element = this.#element
    const text = this.#text.trim()
    this.#text = ''
    if (isImplied && this.#return) this.#return.isBroken = true
    if (element.depth === 1 && isImplied) this.#isCut = true
    if (!this.#return) {
      if (element.name === 'message_type') this.#checkMessageType(text)
      if (text !== '' && element.column.kind === 'seller') checkSeller(text, this.#owner)
    } else if (element.name === RETURN && element.returns === 1) {
      this.#endReturn(this.#return)
      this.#return = undefined
    } else if (text !== '' && !WRAPPERS.has(element.name)) {
      this.#takeLeaf(this.#return, element, text)
    }
    this.#element = element.outer ?? element
  }

  /** An element in a place where none of its name was before. */
  #newElement(written: string): Element {
    const outer = this.#element
    if (outer.depth >= MOST_DEPTH)
      throw new Fault('DOCUMENT_UNREADABLE', `Elements are nested more than ${MOST_DEPTH} deep`)
    const element = elementIn(outer, written)
    if (this.#elements < MOST_ELEMENTS) {
      this.#elements += 1
      outer.inner.set(written, element)
    }
    return element
  }

  #checkMessageType(text: string): void {
    this.#messageType = text
    if (!/return/i.test(text)) throw notReturns(xmlLooksLike(text) ?? 'another XML document of Amazon’s')
  }

  #takeLeaf(of: Return, { path, column, isOfItem }: Element, value: string): void {
    if (column.kind === 'dropped') {
      if (this.#dropped.size < MOST_ELEMENTS) this.#dropped.add(path)
      return
    }
    if (column.kind === 'extra') {
      this.#unknown.add(column.header)
      if (!mayBeKept(value)) return
    }
    const item = isOfItem ? of.items.at(-1) : undefined
    const leaves = item ?? of.shared
    leaves.push({ element: path, column, value: flatSpelling(column, value) })
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

/** Places of elements that are remembered: a document of nonsense may have any number. */
const MOST_ELEMENTS = 1_000

/** An element by its place in the document; what it is taken as is found out once. */
interface Element {
  readonly outer: Element | null
  readonly inner: Map<string, Element>
  readonly depth: number
  /** Folded. */
  readonly name: string
  /** The names below the return, without wrappers. */
  readonly path: string
  readonly column: Column
  /** How many returns it is in, or is. */
  readonly returns: number
  readonly isOfItem: boolean
}

const DOCUMENT = (): Element => ({
  outer: null,
  inner: new Map(),
  depth: 0,
  name: '',
  path: '',
  column: { kind: 'dropped' },
  returns: 0,
  isOfItem: false,
})

function elementIn(outer: Element, written: string): Element {
  const name = fold(written)
  const steps = [outer.returns > 0 ? outer.path : '', WRAPPERS.has(name) ? '' : name]
  const path = steps.filter((step) => step !== '').join('_')
  const [column] = columnsOf([ALIASES[path] ?? path]) as [Column]
  return {
    outer,
    inner: new Map(),
    depth: outer.depth + 1,
    name,
    path,
    column,
    returns: outer.returns + (name === RETURN ? 1 : 0),
    isOfItem: outer.isOfItem || (name === ITEM && outer.returns > 0),
  }
}

/** `ns:OrderID`, `order-id` and `order_id` are one. */
const fold = (name: string): string => {
  const own = name.slice(name.indexOf(':') + 1)
  return own
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll('-', '_')
}

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
