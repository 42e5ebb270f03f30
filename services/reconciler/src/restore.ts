import type { Codec } from '@backhaul/codec'
import { Fault } from '@backhaul/domain'
import type { TopicName } from '@backhaul/flow'
import type { InputRecord, KafkaClient, Positions } from '@backhaul/kafka'
import { putSalesOrder, putState } from './order-entries.ts'
import type { PartitionState } from './partition-state.ts'
import { checkOrder } from './steps/take-order.ts'

/** What was read of a partition, and what came of it. */
export interface Read {
  readonly state: PartitionState
  /** Changelog records and sales orders taken. */
  readonly states: number
  readonly orders: number
}

/** Where the state is read from. */
export interface Source {
  readonly kafka: KafkaClient<'reconciler'>
  readonly codec: Codec
}

/**
 * Brings a state, which may be empty, up to the committed positions: derived state from its changelog, sales orders from their
 * own topic up to the committed offset. What lies behind it is read as input. Nobody else may be writing the partition.
 *
 * @throws Fault `OFFSETS_LOST` or `CHANGELOG_AHEAD` when positions and state do not fit: a person decides.
 *   `STATE_TOO_LARGE` when it takes more memory than its limit.
 */
export async function catchUp(
  source: Source,
  partition: number,
  committed: Positions,
  known: PartitionState,
): Promise<Read> {
  const { state, states } = await readChangelog(source, partition, known)
  checkPositions(partition, state.inputs, committed)
  const end = committed.get('sales-orders.v1') ?? null
  const { orders, ordersNext } = await readOrders(source, partition, end, state)
  const inputs = new Map(
    [...committed].filter((position): position is [TopicName, bigint] => position[1] !== null),
  )
  return { state: { ...state, ordersNext, inputs }, states, orders }
}

/**
 * Brings a copy of a state closer to what its owner has committed. The owner goes on writing: what it does at the same time is
 * taken the next time.
 */
export async function follow(
  source: Source,
  partition: number,
  committed: Positions,
  known: PartitionState,
): Promise<PartitionState> {
  const { state } = await readChangelog(source, partition, known)
  const position = committed.get('sales-orders.v1') ?? null
  // A commit is seen in the offsets before it is seen in the log, or after it.
  const { end } = await source.kafka.bounds('sales-orders.v1', partition)
  const { ordersNext } = await readOrders(
    source,
    partition,
    position !== null && position < end ? position : end,
    state,
  )
  return { ...state, ordersNext }
}

async function readChangelog(
  { kafka, codec }: Source,
  partition: number,
  known: PartitionState,
): Promise<{ state: PartitionState; states: number }> {
  let { changelogNext, inputs } = known
  let states = 0
  for await (const record of kafka.readToEnd('reconciler.order-state.v1', partition, changelogNext)) {
    if (record.undecodable) throw record.undecodable
    changelogNext = record.offset + 1n
    if (!record.value) continue
    await putState(known.table, codec, record.value, record.raw.value as Buffer)
    inputs = furthest(inputs, record.value.inputs)
    states += 1
  }
  return { state: { ...known, changelogNext, inputs }, states }
}

async function readOrders(
  { kafka, codec }: Source,
  partition: number,
  end: bigint | null,
  { table, ordersNext }: PartitionState,
): Promise<{ orders: number; ordersNext: bigint | null }> {
  if (end === null || (ordersNext !== null && end <= ordersNext)) return { orders: 0, ordersNext }
  let orders = 0
  for await (const record of kafka.readToEnd('sales-orders.v1', partition, ordersNext ?? undefined, end)) {
    if (isMisplacedOrBroken(record)) continue
    if (await putSalesOrder(table, codec, record.key ?? '', record.value, record.raw.value)) orders += 1
  }
  return { orders, ordersNext: end }
}

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
