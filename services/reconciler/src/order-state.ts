import type { Codec } from '@backhaul/codec'
import type { OrderState, ReturnOrder } from '@backhaul/domain'
import type { TopicName } from '@backhaul/flow'
import type { KnownOrder, KnownRow, SaidReturn } from './known-order.ts'

/** Positions as the changelog holds them. */
export const toInputPositions = (next: ReadonlyMap<TopicName, bigint>): OrderState['inputs'] =>
  Array.from(next, ([topic, offset]) => ({ topic, nextOffset: Number(offset) }))

/** Derived state as its changelog holds it. Sales orders are not in it: they have a topic of their own. */
export const toOrderState = (
  { tenantId, orderReference, rows }: KnownOrder,
  said: readonly SaidReturn[],
  inputs: OrderState['inputs'],
): OrderState => ({
  tenantId,
  orderReference,
  rows: rows.map(({ facts: { row, imported, frozen }, bytes }) => ({
    rowId: row.rowId,
    row: bytes,
    imported,
    frozen,
  })),
  returns: said.map(({ returnOrderId, bytes }) => ({ returnOrderId, returnOrder: bytes })),
  inputs,
})

/** Learns the schemas that rows and returns inside a state were written under; see `Codec.learn`. */
export function learnOrderState({ rows, returns }: OrderState, codec: Codec): Promise<void> | null {
  const learnRows = codec.learn(
    'AmazonReturnRow',
    rows.map(({ row }) => row),
  )
  const learnReturns = codec.learn(
    'ReturnOrder',
    returns.map(({ returnOrder }) => returnOrder),
  )
  return learnRows || learnReturns ? Promise.all([learnRows, learnReturns]).then(() => {}) : null
}

/** The rows of a state, whose schemas must be known. */
export const rowsIn = ({ rows }: OrderState, codec: Codec): KnownRow[] =>
  rows.map(({ row: bytes, imported, frozen }) => ({
    facts: { row: codec.decodeNow('AmazonReturnRow', bytes), imported, frozen },
    bytes,
  }))

/** The returns of a state, whose schemas must be known. */
export const saidIn = ({ returns }: OrderState, codec: Codec): SaidReturn[] =>
  returns.map(({ returnOrderId, returnOrder }) => new Kept(returnOrderId, returnOrder, codec))

/** Decodes a return when it is asked for: few are, and bytes cost the garbage collector nothing. */
export class Kept implements SaidReturn {
  readonly returnOrderId: string
  readonly bytes: Uint8Array
  readonly #codec: Codec
  #decoded: ReturnOrder | undefined

  constructor(returnOrderId: string, bytes: Uint8Array, codec: Codec) {
    this.returnOrderId = returnOrderId
    this.bytes = bytes
    this.#codec = codec
  }

  get returnOrder(): ReturnOrder {
    this.#decoded ??= this.#codec.decodeNow('ReturnOrder', this.bytes)
    return this.#decoded
  }
}
