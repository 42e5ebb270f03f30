import type { Codec } from '@backhaul/codec'
import type { OrderState, ReturnOrder, RowFacts } from '@backhaul/domain'
import type { TopicName } from '@backhaul/flow'
import type { KnownOrder } from './order-store.ts'

/** Derived state as its changelog holds it. Sales orders are not in it: they have a topic of their own. */
export function toOrderState(
  order: KnownOrder,
  next: ReadonlyMap<TopicName, bigint>,
  encodeRow: (facts: RowFacts) => Uint8Array,
  encodeReturn: (returnOrder: ReturnOrder) => Uint8Array,
): OrderState {
  return {
    tenantId: order.tenantId,
    orderReference: order.orderReference,
    rows: [...order.rows.values()].map((facts) => ({
      rowId: facts.row.rowId,
      row: encodeRow(facts),
      imported: facts.imported,
      frozen: facts.frozen,
    })),
    returns: [...order.emitted.values()].map((emitted) => ({
      returnOrderId: emitted.returnOrderId,
      returnOrder: encodeReturn(emitted),
    })),
    inputs: [...next].map(([topic, offset]) => ({ topic, nextOffset: Number(offset) })),
  }
}

/** The derived state read back, without sales orders. */
export async function fromOrderState(state: OrderState, codec: Codec): Promise<KnownOrder> {
  const rows = new Map<string, RowFacts>()
  for (const { rowId, row, imported, frozen } of state.rows) {
    rows.set(rowId, { row: await codec.decode('AmazonReturnRow', row), imported, frozen })
  }
  const emitted = new Map<string, ReturnOrder>()
  for (const { returnOrderId, returnOrder } of state.returns) {
    emitted.set(returnOrderId, await codec.decode('ReturnOrder', returnOrder))
  }
  const { tenantId, orderReference } = state
  return { tenantId, orderReference, salesOrders: new Map(), rows, emitted }
}
