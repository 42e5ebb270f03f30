import { Fault } from '../fault.ts'
import { cellOf, cellsAt, placesAt } from './cells-of.ts'
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
import { orderReferenceOf } from './order-reference.ts'
import { belongsTo, checkSeller } from './owner.ts'
import {
  COPY_BEGIN,
  COPY_END,
  copyOf,
  documentElement,
  type Element,
  elementIn,
  flatSpelling,
  ITEM,
  type Leaf,
  RETURN,
  type Return,
  WRAPPERS,
} from './xml-elements.ts'

/** What a parser of XML tells. Names come as they are written. */
export interface XmlEvents {
  opened(name: string): void
  text(text: string): void
  /** @param isImplied True when the document has no end tag for it. */
  closed(name: string, isImplied: boolean): void
}

/** Deeper is no report of Amazon's. */
const MOST_DEPTH = 64

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
  #element: Element = documentElement()
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
        if (column.name === 'orderReference') orderReference = orderReferenceOf(cellOf(value) ?? '') || null
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
