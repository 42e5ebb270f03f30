import type { AmazonReturnRow, SalesOrder } from '@backhaul/domain'
import { topics } from '@backhaul/flow'
import { partitionOf } from '@backhaul/kafka'
import type { Random } from '../random.ts'
import type { InputTopic, PoisonInput } from './inputs.ts'

/** An id that no registry gives out. */
const UNKNOWN_SCHEMA_ID = 0x7fff_ff00

const UNKNOWN_SCHEMA_SHARE = 0.01

/** A settings version that no integration has. */
export const UNKNOWN_SETTINGS = 999_999

/** A record that nobody can take in, one of many kinds. It stands where a good record of its order would. */
export function poison(
  random: Random,
  topic: InputTopic,
  good: AmazonReturnRow,
  order: SalesOrder,
): PoisonInput {
  // Of a document of its own: it is no part of what its neighbours say together.
  const row = { ...good, reportRunId: 'poison' }
  const key = topic === 'sales-orders.v1' ? `${order.orderReference}|${order.channelId}` : row.orderReference
  const bytes = (value: Buffer, ...codes: string[]): PoisonInput => ({
    kind: 'poison',
    timestamp: row.fetchedAt,
    topic,
    key,
    value,
    partition: partitionOf(topic, key),
    codes,
  })
  // Asking for an unknown schema holds its partition up for seconds, so it is rare.
  if (random.chance(UNKNOWN_SCHEMA_SHARE)) return bytes(unknownSchema(), 'UNDECODABLE_SCHEMA_ID')
  const whole = topic === 'sales-orders.v1' ? order : row
  const kinds: (() => PoisonInput)[] = [
    () => ({ ...bytes(Buffer.alloc(0), 'UNDECODABLE_BODY'), value: whole, cutBytes: 1 + random.below(20) }),
    () => bytes(Buffer.of(0, 0, 0), 'UNDECODABLE_FRAME'),
    () => bytes(Buffer.alloc(0), 'UNDECODABLE_FRAME'),
    () => bytes(Buffer.of(7, 0, 0, 0, 1, 1, 2, 3), 'UNDECODABLE_FRAME'),
    () => bytes(Buffer.from([0xff, 0xfe, 0xc3, 0x28]), 'UNDECODABLE_FRAME'),
    ...(topic === 'sales-orders.v1' ? ordersOnly(key, order, row.fetchedAt) : rowsOnly(key, row)),
  ]
  return random.pick(kinds)()
}

function unknownSchema(): Buffer {
  const value = Buffer.alloc(12)
  value.writeInt32BE(UNKNOWN_SCHEMA_ID, 1)
  return value
}

const PARTITIONS = topics['sales-orders.v1'].partitions

const ordersOnly = (key: string, order: SalesOrder, timestamp: number): (() => PoisonInput)[] => {
  const topic = 'sales-orders.v1'
  const partition = partitionOf(topic, key)
  return [
    () => ({
      kind: 'poison',
      timestamp,
      topic,
      key,
      value: order,
      partition: (partition + 1) % PARTITIONS,
      codes: ['SALES_ORDER_MISPLACED'],
    }),
    () => ({
      kind: 'poison',
      timestamp,
      topic,
      key,
      value: { ...order, orderReference: `${order.orderReference}-other` },
      partition,
      codes: ['CONTRACT_BROKEN'],
    }),
  ]
}

const rowsOnly = (key: string, row: AmazonReturnRow): (() => PoisonInput)[] => {
  const topic = 'amazon-return-rows.v1'
  const partition = partitionOf(topic, key)
  return [
    () => ({
      kind: 'poison',
      timestamp: row.fetchedAt,
      topic,
      key,
      value: { ...row, orderReference: `${key}-other` },
      partition,
      codes: ['CONTRACT_BROKEN'],
    }),
    () => ({
      kind: 'poison',
      timestamp: row.fetchedAt,
      topic,
      key: null,
      value: row,
      partition,
      codes: ['CONTRACT_BROKEN'],
    }),
    () => ({
      kind: 'poison',
      timestamp: row.fetchedAt,
      topic,
      key,
      value: null,
      partition,
      codes: ['CONTRACT_BROKEN'],
    }),
    () => ({
      kind: 'poison',
      timestamp: row.fetchedAt,
      topic,
      key,
      value: { ...row, configVersion: UNKNOWN_SETTINGS },
      partition,
      codes: ['CONFIG_VERSION_UNKNOWN'],
    }),
  ]
}
