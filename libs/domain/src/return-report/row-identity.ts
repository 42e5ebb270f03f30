import { hash } from 'node:crypto'
import { readUnits } from '../cells.ts'
import { toAmazonDay } from '../dates.ts'
import { memo } from '../memo.ts'
import type { DocumentRow } from './document-row.ts'

/** What is remembered of a row, to know it again. */
export interface KnownRow {
  readonly rowId: string
  readonly returnId: string
  readonly orderReference: string
  readonly amazonRmaId: string | null
  readonly returnRequestDate: string | null
  readonly orderItemId: string | null
  readonly merchantSku: string | null
  readonly asin: string | null
  /** Tells equal lines apart, from 0. */
  readonly ordinal: number
}

/** A row with its identity. */
export interface IdentifiedRow {
  readonly row: DocumentRow
  readonly identity: KnownRow
  readonly flags: readonly string[]
}

/** Rows with their identities; `repeated` are equal lines beyond the ordered quantity, folded into one. */
export interface Identified {
  readonly rows: readonly IdentifiedRow[]
  readonly repeated: readonly DocumentRow[]
}

/**
 * Gives each row of one order the identity of a known row, or a new one. Identities stick: they are hashes of the
 * first-seen key, so a rebuild in order gives the same.
 *
 * A row belongs to a known one of the same item if the RMA id is equal, or was blank and the request date is equal; the
 * order item id decides among equal lines once the column appears. Equal lines beyond the ordered quantity are one line,
 * flagged `repeated_line`. Rows of one RMA id (or, without one, one request date) make one return.
 *
 * @param scope Tenant, seller and marketplace: identities of two never meet.
 */
export function identifyRows(
  scope: string,
  known: readonly KnownRow[],
  rows: readonly DocumentRow[],
): Identified {
  const { distinct, repeated } = foldRepeated(rows)
  const matches = matchesOf(known, distinct)
  const identities = new Map(known.map((k) => [k.rowId, k]))
  const returnIds = new Map<string, string>()
  const remember = (identity: KnownRow) => {
    identities.set(identity.rowId, identity)
    for (const key of returnKeys(identity)) if (!returnIds.has(key)) returnIds.set(key, identity.returnId)
  }
  for (const k of known) remember(k)
  const kept = distinct.map(({ row, flags }): IdentifiedRow => {
    const match = matches.get(row)
    const identity = match
      ? mergedWith(match, row)
      : newIdentity(scope, row, [...identities.values()], returnIds)
    remember(identity)
    return { row, identity, flags }
  })
  return { rows: kept, repeated }
}

/** Pairs rows with known ones, the surest first, so that a likely match never takes what a sure one needs. */
function matchesOf(known: readonly KnownRow[], distinct: readonly { readonly row: DocumentRow }[]) {
  const sureness: readonly ((k: KnownRow, row: DocumentRow) => boolean)[] = [
    (k, { cells }) => k.orderItemId !== null && k.orderItemId === cells.orderItemId && sameRma(k, cells),
    (k, { cells }) => sameRma(k, cells),
    () => true,
  ]
  const open = [...known].sort((a, b) => a.ordinal - b.ordinal || compareText(a.rowId, b.rowId))
  const matches = new Map<DocumentRow, KnownRow>()
  for (const sure of sureness) {
    for (const { row } of distinct) {
      if (matches.has(row)) continue
      const at = open.findIndex((k) => mayBe(k, row) && sure(k, row))
      const [match] = at < 0 ? [] : open.splice(at, 1)
      if (match) matches.set(row, match)
    }
  }
  return matches
}

const mayBe = (known: KnownRow, row: DocumentRow) =>
  sameItem(known, row) && sameReturn(known, row) && sameOrderItem(known, row)

const sameRma = (known: KnownRow, { amazonRmaId }: DocumentRow['cells']) => known.amazonRmaId === amazonRmaId

const sameOrderItem = (known: KnownRow, { cells }: DocumentRow) =>
  known.orderItemId === null || cells.orderItemId === null || known.orderItemId === cells.orderItemId

const sameItem = (known: KnownRow, { cells }: DocumentRow) =>
  known.merchantSku === cells.merchantSku &&
  (known.asin === cells.asin || known.asin === null || cells.asin === null)

function sameReturn(known: KnownRow, { cells }: DocumentRow): boolean {
  if (known.amazonRmaId !== null && cells.amazonRmaId !== null) return known.amazonRmaId === cells.amazonRmaId
  return dayOf(known.returnRequestDate) === dayOf(cells.returnRequestDate)
}

/** A later document may fill in what the first left blank. */
const mergedWith = (known: KnownRow, { cells }: DocumentRow): KnownRow => ({
  ...known,
  amazonRmaId: known.amazonRmaId ?? cells.amazonRmaId,
  orderItemId: known.orderItemId ?? cells.orderItemId,
  asin: known.asin ?? cells.asin,
})

function newIdentity(
  scope: string,
  { orderReference, cells }: DocumentRow,
  others: readonly KnownRow[],
  returnIds: ReadonlyMap<string, string>,
): KnownRow {
  const { amazonRmaId, returnRequestDate, orderItemId, merchantSku, asin } = cells
  const facts = { orderReference, amazonRmaId, returnRequestDate, orderItemId, merchantSku, asin }
  const returnKey = amazonRmaId ?? `on ${dayOf(returnRequestDate)}`
  const returnId =
    returnKeys(facts)
      .map((key) => returnIds.get(key))
      .find((id) => id !== undefined) ?? idOf([scope, orderReference, 'return', returnKey])
  const equal = others.filter(
    (k) => k.returnId === returnId && k.merchantSku === merchantSku && k.asin === asin,
  )
  const ordinal = 1 + Math.max(-1, ...equal.map((k) => k.ordinal))
  const rowId = idOf([scope, orderReference, 'row', returnKey, merchantSku, asin, ordinal])
  return { rowId, returnId, ordinal, ...facts }
}

/** Keys under which a row's return is found: its RMA id, and its request date while it has none. */
function returnKeys(row: Pick<KnownRow, 'amazonRmaId' | 'returnRequestDate'>): string[] {
  return row.amazonRmaId === null ? [`date ${dayOf(row.returnRequestDate)}`] : [`rma ${row.amazonRmaId}`]
}

/** A day as the flat file spells it, so that one day is one whatever its spelling; else the text as it is. */
const dayOf = (text: string | null): string | null => text && (amazonDay(text) ?? text)
const amazonDay = memo(toAmazonDay)

/** Folds equal lines of a document that together exceed the ordered quantity. */
function foldRepeated(rows: readonly DocumentRow[]) {
  const distinct: { row: DocumentRow; flags: readonly string[] }[] = []
  const repeated: DocumentRow[] = []
  // By content, not by place: a shuffled document gives the same identities.
  const sorted = [...rows].sort(
    (a, b) => compareText(lineKey(a), lineKey(b)) || compareText(contentOf(b), contentOf(a)),
  )
  for (const [, equal] of Map.groupBy(sorted, lineKey)) {
    const first = equal[0] as DocumentRow
    const ordered = Math.max(
      ...equal.map((r) => readUnits(r.cells.orderQuantity) ?? Number.POSITIVE_INFINITY),
    )
    const returned = equal.reduce((sum, r) => sum + (readUnits(r.cells.returnQuantity) ?? 1), 0)
    if (equal.length > 1 && returned > ordered) {
      distinct.push({ row: first, flags: ['repeated_line'] })
      repeated.push(...equal.slice(1))
    } else {
      distinct.push(...equal.map((row) => ({ row, flags: [] })))
    }
  }
  return { distinct, repeated }
}

/** What makes two lines of one document equal: the item and the return, not how far it has come. */
const lineKey = ({ orderReference, cells: c }: DocumentRow): string =>
  JSON.stringify([
    orderReference,
    c.amazonRmaId ?? `on ${dayOf(c.returnRequestDate)}`,
    c.merchantSku,
    c.asin,
    c.orderItemId,
  ])

/** Text that sorts lines of one key, the one that says most last. */
const contentOf = ({ cells }: DocumentRow): string => {
  const said = Object.values(cells).filter((value) => value !== null)
  return `${String(said.length).padStart(3, '0')}${JSON.stringify(cells)}`
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const idOf = (parts: readonly unknown[]): string => hash('sha256', JSON.stringify(parts)).slice(0, 32)
