import type { Codec } from '@backhaul/codec'
import { Fault } from '@backhaul/domain'
import type { TopicName } from '@backhaul/flow'
import type { InputRecord, KafkaClient, Positions } from '@backhaul/kafka'
import { putSalesOrder, putState } from './order-entries.ts'
import type { PartitionState } from './partition-state.ts'
import { checkOrder } from './steps/take-order.ts'

/** What catching up has read. */
export interface CaughtUp {
  readonly state: PartitionState
  /** Changelog records and sales orders taken. */
  readonly states: number
  readonly orders: number
}

/**
 * Brings a state, which may be empty, up to the committed positions: derived state from its changelog, sales orders from their
 * own topic up to the committed offset. What lies behind it is read as input.
 *
 * @throws Fault `OFFSETS_LOST` or `CHANGELOG_AHEAD` when positions and state do not fit: a person decides.
 *   `STATE_TOO_LARGE` when it takes more memory than its limit.
 */
export async function catchUp(
  kafka: KafkaClient<'reconciler'>,
  codec: Codec,
  partition: number,
  committed: Positions,
  { table, changelogNext, inputs }: PartitionState,
): Promise<CaughtUp> {
  let states = 0
  let orders = 0
  let next = changelogNext
  let standsOn = inputs
  for await (const record of kafka.readToEnd('reconciler.order-state.v1', partition, changelogNext)) {
    if (record.undecodable) throw record.undecodable
    next = record.offset + 1n
    if (!record.value) continue
    await putState(table, codec, record.value, record.raw.value as Buffer)
    standsOn = furthest(standsOn, record.value.inputs)
    states += 1
  }
  checkPositions(partition, standsOn, committed)
  const ordersNext = inputs.get('sales-orders.v1')
  const ordersEnd = committed.get('sales-orders.v1')
  if (ordersEnd) {
    for await (const record of kafka.readToEnd('sales-orders.v1', partition, ordersNext, ordersEnd)) {
      if (isMisplacedOrBroken(record)) continue
      if (await putSalesOrder(table, codec, record.key ?? '', record.value, record.raw.value)) orders += 1
    }
  }
  return { state: { table, changelogNext: next, inputs: positionsIn(committed) }, states, orders }
}

/** Positions that were committed. */
const positionsIn = (committed: Positions): Map<TopicName, bigint> =>
  new Map([...committed].flatMap(([topic, offset]) => (offset === null ? [] : [[topic, offset]])))

function furthest(
  known: ReadonlyMap<TopicName, bigint>,
  inputs: readonly { topic: string; nextOffset: number }[],
): ReadonlyMap<TopicName, bigint> {
  const positions = new Map(known)
  for (const { topic, nextOffset } of inputs) {
    const next = BigInt(nextOffset)
    const before = positions.get(topic as TopicName) ?? -1n
    if (next > before) positions.set(topic as TopicName, next)
  }
  return positions
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

/** The state's input positions may trail the committed ones (inputs that changed nothing), never lead. */
function checkPositions(
  partition: number,
  standsOn: ReadonlyMap<TopicName, bigint>,
  committed: Positions,
): void {
  for (const [topic, nextOffset] of standsOn) {
    const position = committed.get(topic)
    if (position === null || position === undefined) {
      throw new Fault(
        'OFFSETS_LOST',
        `Partition ${partition} has state up to ${topic}@${nextOffset}, but its group has no committed offset. ` +
          `Nothing was read: \`npm run offsets -- set reconciler --to ${nextOffset}\` for this topic and partition goes on, or rebuild as the README says`,
      )
    }
    if (nextOffset > position) {
      throw new Fault(
        'CHANGELOG_AHEAD',
        `Partition ${partition} has state up to ${topic}@${nextOffset}, but the group is at ${position}. ` +
          `Nothing was read: \`npm run offsets -- set reconciler --to ${nextOffset}\` for this topic and partition goes on, or rebuild as the README says`,
      )
    }
  }
}
