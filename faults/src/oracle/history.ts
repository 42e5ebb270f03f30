import type { AmazonReturnRow, ReturnOrder, SalesOrder } from '@backhaul/domain'
import { canonical } from './canonical.ts'
import { afterOrder, afterRow, type KnownRow, type Settings } from './known.ts'
import { type ExpectedReturn, expectedReturns } from './returns.ts'

/** One reading of a row, or one state of an order, with the time of its record. */
export type RowInput = {
  readonly row: AmazonReturnRow
  readonly timestamp: number
  /** Neighbours that one document says of one order share it: they may be taken in together. */
  readonly observation: number
}
export type OrderInput = {
  readonly channelId: string
  readonly state: SalesOrder | null
  readonly timestamp: number
}

/** All committed inputs of one order reference of one tenant, each topic in its order. */
export interface CaseInputs {
  readonly rows: readonly RowInput[]
  readonly orders: readonly OrderInput[]
}

/** What tells how a version came to be. */
const NOT_MATERIAL = new Set([
  'generation',
  'version',
  'changes',
  'changedAt',
  'firstImportedAt',
  'provenance',
  'configVersion',
])

/**
 * Recounts one order reference from its inputs alone. How the two topics interleaved is the reconciler's choice, so
 * every choice is held possible: a history is right when one of them gives exactly its events, in order.
 */
export class CaseOracle {
  readonly #inputs: CaseInputs
  readonly #settings: Settings
  readonly #rows: ReadonlyMap<string, KnownRow>[] = [new Map()]
  readonly #orders: ReadonlyMap<string, SalesOrder>[] = [new Map()]
  readonly #expected = new Map<string, ExpectedReturn[]>()

  constructor(inputs: CaseInputs, settings: Settings) {
    this.#inputs = inputs
    this.#settings = settings
    for (const { row } of inputs.rows) this.#rows.push(afterRow(this.#rows.at(-1) as never, row, settings))
    for (const { channelId, state } of inputs.orders) {
      this.#orders.push(afterOrder(this.#orders.at(-1) as never, channelId, state))
    }
  }

  /** What must be true of each return once all inputs are in. */
  final(): ExpectedReturn[] {
    return this.#at(this.#inputs.rows.length, this.#inputs.orders.length)
  }

  /** True when the last event of a return says what is expected. */
  isTrue(expected: ExpectedReturn, last: ReturnOrder): boolean {
    return material(withGone(expected, last)) === material(last)
  }

  /** True when some interleaving of the inputs gives exactly these events, the last inputs included. */
  explains(events: readonly ReturnOrder[]): boolean {
    const { rows, orders } = this.#inputs
    const seen = new Set<string>()
    const open: [number, number, number][] = [[0, 0, 0]]
    for (let at = open.pop(); at; at = open.pop()) {
      const [i, j, said] = at
      if (i === rows.length && j === orders.length && said === events.length) return true
      for (const [nextI, nextJ, timestamp] of this.#steps(i, j)) {
        const then = this.#afterStep(nextI, nextJ, events, said, timestamp)
        const key = `${nextI} ${nextJ} ${then}`
        if (then === null || seen.has(key)) continue
        seen.add(key)
        open.push([nextI, nextJ, then])
      }
    }
    return false
  }

  /** What may be taken in next: one state of an order, one reading, or several readings of one observation. */
  *#steps(i: number, j: number): Generator<[number, number, number]> {
    const { rows, orders } = this.#inputs
    const order = orders[j]
    if (order) yield [i, j + 1, order.timestamp]
    let timestamp = 0
    for (let next = i; rows[next] && rows[next]?.observation === rows[i]?.observation; next++) {
      timestamp = Math.max(timestamp, rows[next]?.timestamp as number)
      yield [next + 1, j, timestamp]
    }
  }

  /** How many events are said once these inputs are in; null when the events say otherwise. */
  #afterStep(
    i: number,
    j: number,
    events: readonly ReturnOrder[],
    said: number,
    timestamp: number,
  ): number | null {
    let then = said
    for (const expected of this.#at(i, j)) {
      const last = events.slice(0, said).findLast((event) => event.returnOrderId === expected.returnOrderId)
      if (last && material(withGone(expected, last)) === material(last)) continue
      const event = events[then]
      if (!event || !isNext(event, expected, last, timestamp)) return null
      then += 1
    }
    return then
  }

  #at(i: number, j: number): ExpectedReturn[] {
    const key = `${i} ${j}`
    const known = this.#expected.get(key)
    if (known) return known
    const expected = expectedReturns(this.#rows[i] as never, this.#orders[j] as never, this.#settings)
    this.#expected.set(key, expected)
    return expected
  }
}

function isNext(
  event: ReturnOrder,
  expected: ExpectedReturn,
  last: ReturnOrder | undefined,
  timestamp: number,
): boolean {
  const next = last ? withGone(expected, last) : expected
  const firstImportedAt = Math.min(
    expected.firstImportedAt,
    last?.firstImportedAt ?? Number.POSITIVE_INFINITY,
  )
  return (
    event.returnOrderId === expected.returnOrderId &&
    event.version === (last?.version ?? 0) + 1 &&
    event.changedAt === timestamp &&
    event.firstImportedAt === firstImportedAt &&
    event.configVersion === expected.configVersion &&
    event.changes.length > 0 === (last !== undefined) &&
    canonical(event.provenance) === canonical(expected.provenance) &&
    material(event) === material(next)
  )
}

/** Items that were said before and are no more stay, marked as removed. */
function withGone(expected: ExpectedReturn, last: ReturnOrder): ExpectedReturn {
  const ids = new Set(expected.items.map((item) => item.returnItemId))
  const gone = last.items.filter((item) => !ids.has(item.returnItemId))
  if (gone.length === 0) return expected
  return { ...expected, items: [...expected.items, ...gone.map((item) => ({ ...item, removed: true }))] }
}

const materials = new WeakMap<object, string>()

/** What a return says, as text; lists with ids in the order of their ids. */
function material(said: ExpectedReturn | ReturnOrder): string {
  const known = materials.get(said)
  if (known !== undefined) return known
  const fields = Object.entries(said).filter(([name]) => !NOT_MATERIAL.has(name))
  const text = canonical(
    Object.fromEntries(
      fields.map(([name, value]) => [
        name,
        name === 'items' || name === 'parcels' ? (value as object[]).map(canonical).sort() : value,
      ]),
    ),
  )
  materials.set(said, text)
  return text
}
