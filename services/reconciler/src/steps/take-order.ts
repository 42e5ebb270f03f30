import { Fault, observeOrder } from '@backhaul/domain'
import { salesOrderKey } from '@backhaul/flow'
import { type InputRecord, partitionOf } from '@backhaul/kafka'
import { type KnownOrder, put } from '../known-order.ts'
import type { OrderStore } from '../order-store.ts'

/** @throws Fault `SALES_ORDER_MISPLACED` or `CONTRACT_BROKEN`: known bad data. */
export function checkOrder({ key, partition, value }: InputRecord<'sales-orders.v1'>): void {
  const right = partitionOf('sales-orders.v1', key ?? '')
  if (right !== partition) {
    throw new Fault(
      'SALES_ORDER_MISPLACED',
      `Sales order ${key} belongs in partition ${right}, not ${partition}`,
    )
  }
  if (value && salesOrderKey.of(value.orderReference, value.channelId) !== key) {
    throw new Fault(
      'CONTRACT_BROKEN',
      `Sales order ${key} says it is ${value.orderReference}|${value.channelId}`,
    )
  }
}

/**
 * Takes a sales order, or its tombstone, into the store.
 *
 * @returns The order it concerns, or 'stale' when nothing changed.
 * @throws Fault as `checkOrder`.
 */
export function takeOrder(store: OrderStore, record: InputRecord<'sales-orders.v1'>): KnownOrder | 'stale' {
  checkOrder(record)
  const key = record.key ?? ''
  const orderReference = salesOrderKey.partitionBy(key)
  const channelId = key.slice(orderReference.length + 1)
  const order = record.value
  if (order === null) {
    const holder = store.holderOf(orderReference, channelId)
    if (!holder) return 'stale'
    return { ...holder, salesOrders: holder.salesOrders.filter((held) => held.order.channelId !== channelId) }
  }
  const known = store.get(order.tenantId, orderReference)
  const at = known.salesOrders.findIndex((held) => held.order.channelId === channelId)
  const seen = observeOrder(known.salesOrders[at]?.order, order)
  if (seen === 'stale') return 'stale'
  return {
    ...known,
    salesOrders: put(known.salesOrders, at, { order: seen, bytes: record.raw.value as Buffer }),
  }
}
