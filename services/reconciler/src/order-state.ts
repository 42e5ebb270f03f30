import type { Codec } from '@backhaul/codec'
import type { OrderState, ReturnOrder } from '@backhaul/domain'
import type { TopicName } from '@backhaul/flow'
import type { KnownOrder, KnownRow, SaidReturn } from './known-order.ts'

/** Derived state as its changelog holds it. Sales orders are not in it: they have a topic of their own. */
export const toOrderState = (
  { tenantId, orderReference, rows, said }: KnownOrder,
  next: ReadonlyMap<TopicName, bigint>,
): OrderState => ({
  tenantId,
  orderReference,
  rows: Array.from(rows.values(), ({ facts: { row, imported, frozen }, bytes }) => ({
    rowId: row.rowId,
    row: bytes,
    imported,
    frozen,
  })),
  returns: Array.from(said, ([returnOrderId, { bytes }]) => ({ returnOrderId, returnOrder: bytes })),
  inputs: Array.from(next, ([topic, offset]) => ({ topic, nextOffset: Number(offset) })),
})

/** Learns the schemas that rows and returns inside a state were written under; see `Codec.learn`. */
export function learnOrderState({ rows, returns }: OrderState, codec: Codec): Promise<void> | null {
  const learning = [
    codec.learn(
      'AmazonReturnRow',
      rows.map(({ row }) => row),
    ),
    codec.learn(
      'ReturnOrder',
      returns.map(({ returnOrder }) => returnOrder),
    ),
  ].filter((one) => one !== null)
  return learning.length === 0 ? null : Promise.all(learning).then(() => {})
}

/** The rows of a state, whose schemas must be known. */
export function rowsIn({ rows }: OrderState, codec: Codec): Map<string, KnownRow> {
  const known = new Map<string, KnownRow>()
  for (const { rowId, row: bytes, imported, frozen } of rows) {
    const row = codec.decodeNow('AmazonReturnRow', bytes)
    known.set(rowId, { facts: { row, imported, frozen }, bytes })
  }
  return known
}

/** The returns of a state, whose schemas must be known. */
export function saidIn({ returns }: OrderState, codec: Codec): Map<string, SaidReturn> {
  const known = new Map<string, SaidReturn>()
  for (const { returnOrderId, returnOrder } of returns) known.set(returnOrderId, new Kept(returnOrder, codec))
  return known
}

/** Decodes a return when it is asked for. */
class Kept implements SaidReturn {
  readonly bytes: Uint8Array
  readonly #codec: Codec
  #decoded: ReturnOrder | undefined

  constructor(bytes: Uint8Array, codec: Codec) {
    this.bytes = bytes
    this.#codec = codec
  }

  get returnOrder(): ReturnOrder {
    this.#decoded ??= this.#codec.decodeNow('ReturnOrder', this.bytes)
    return this.#decoded
  }
}
