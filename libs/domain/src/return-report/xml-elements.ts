import { toAmazonDay } from '../dates.ts'
import { type CellName, type Column, columnsOf } from './columns.ts'

/** Elements that hold other elements. What stands in any other is named by the whole way to it. */
export const RETURN = 'return_details'
export const ITEM = 'item_details'
export const WRAPPERS: ReadonlySet<string> = new Set([RETURN, ITEM, 'label_details'])

/** Elements whose name differs from the column's beyond its spelling. */
const ALIASES: Readonly<Record<string, string>> = { refund_amount: 'refunded_amount' }

const FLAGS: ReadonlySet<string> = new Set<CellName>(['aToZClaim', 'isPrime', 'inPolicy'])
const DAYS: ReadonlySet<string> = new Set<CellName>(['orderDate', 'returnRequestDate', 'returnDeliveryDate'])
const FLAG_LETTERS: Readonly<Record<string, string>> = { true: 'Y', false: 'N' }

/** A leaf that is kept, below a return or one of its items. */
export interface Leaf {
  readonly element: string
  readonly column: Column
  readonly value: string
}

/** One `return_details`. */
export interface Return {
  readonly shared: Leaf[]
  readonly items: Leaf[][]
  letters: number
  isBroken: boolean
}

/** An element by its place in the document; what it is taken as is found out once. */
export interface Element {
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

export const documentElement = (): Element => ({
  outer: null,
  inner: new Map(),
  depth: 0,
  name: '',
  path: '',
  column: { kind: 'dropped' },
  returns: 0,
  isOfItem: false,
})

export function elementIn(outer: Element, written: string): Element {
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
export function flatSpelling(column: Column, value: string): string {
  if (column.kind !== 'cell') return value
  if (FLAGS.has(column.name)) return FLAG_LETTERS[value.toLowerCase()] ?? value
  return DAYS.has(column.name) ? (toAmazonDay(value) ?? value) : value
}

export const COPY_BEGIN = `<?xml version="1.0" encoding="UTF-8"?>
<AmazonEnvelope>
<MessageType>Returns-Report</MessageType>
<Message>
`
export const COPY_END = '</Message>\n</AmazonEnvelope>\n'

/** One line of the archived copy: the kept elements of a return. One that is broken stays broken, and is withheld. */
export function copyOf({ shared, items, isBroken }: Return): string {
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
