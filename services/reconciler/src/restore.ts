import type { Codec } from '@backhaul/codec'
import { Fault } from '@backhaul/domain'
import type { InputRecord, KafkaClient, Positions } from '@backhaul/kafka'
import { fromOrderState } from './order-state.ts'
import type { OrderStore } from './order-store.ts'
import { checkOrder, takeOrder } from './steps/take-order.ts'

/**
 * Rebuilds a partition's store as of the committed positions: derived state from its changelog, sales orders from
 * their own topic up to the committed offset. What lies behind it is read as input.
 *
 * @throws Fault `OFFSETS_LOST` or `CHANGELOG_AHEAD` when positions and state do not fit: a person decides.
 */
export async function restore(
  kafka: KafkaClient<'reconciler'>,
  codec: Codec,
  partition: number,
  committed: Positions,
  store: OrderStore,
): Promise<{ states: number; orders: number }> {
  let states = 0
  let orders = 0
  let inputs: readonly { topic: string; nextOffset: number }[] = []
  for await (const record of kafka.readToEnd('reconciler.order-state.v1', partition)) {
    if (record.undecodable) throw record.undecodable
    if (!record.value) continue
    store.put(await fromOrderState(record.value, codec))
    store.merge()
    inputs = record.value.inputs
    states += 1
  }
  checkPositions(partition, inputs, committed)
  const ordersEnd = committed.get('sales-orders.v1')
  if (ordersEnd) {
    for await (const record of kafka.readToEnd('sales-orders.v1', partition, undefined, ordersEnd)) {
      if (isMisplacedOrBroken(record)) continue
      const order = takeOrder(store, record)
      if (order === 'stale') continue
      store.put(order)
      store.merge()
      orders += 1
    }
  }
  return { states, orders }
}

/** What went to the dead letters when it was input has no part in the state. */
function isMisplacedOrBroken(record: InputRecord<'sales-orders.v1'>): boolean {
  if (record.undecodable) return true
  try {
    checkOrder(record)
    return false
  } catch {
    return true
  }
}

/** The changelog's last input positions may trail the committed ones (inputs that changed nothing), never lead. */
function checkPositions(
  partition: number,
  inputs: readonly { topic: string; nextOffset: number }[],
  committed: Positions,
): void {
  for (const { topic, nextOffset } of inputs) {
    const position = committed.get(topic as never)
    if (position === null || position === undefined) {
      throw new Fault(
        'OFFSETS_LOST',
        `Partition ${partition} has state up to ${topic}@${nextOffset}, but its group has no committed offset. ` +
          `Nothing was read: \`npm run offsets -- set reconciler --to ${nextOffset}\` for this topic and partition goes on, or rebuild as the README says`,
      )
    }
    if (BigInt(nextOffset) > position) {
      throw new Fault(
        'CHANGELOG_AHEAD',
        `Partition ${partition} has state up to ${topic}@${nextOffset}, but the group is at ${position}. ` +
          `Nothing was read: \`npm run offsets -- set reconciler --to ${nextOffset}\` for this topic and partition goes on, or rebuild as the README says`,
      )
    }
  }
}
