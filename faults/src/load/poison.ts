import type { AmazonReturnRow, SalesOrder } from '@backhaul/domain'
import { topics } from '@backhaul/flow'
import { partitionOf } from '@backhaul/kafka'
import type { Random } from '../random.ts'
import type { InputTopic, PoisonInput } from './inputs.ts'

/** An id that no registry gives out. */
const UNKNOWN_SCHEMA_ID = 0x7fff_ff00

/** A settings version that no integration has. */
export const UNKNOWN_SETTINGS = 999_999

const LARGE_BYTES = 2 * 1024 * 1024

/** 2^63 − 1 as Avro writes it: more than a number can hold without loss. */
const HUGE = Buffer.from('feffffffffffffffff01', 'hex')

const PARTITIONS = topics['sales-orders.v1'].partitions

/** A good record of either topic, of which poison is made. */
export interface Good {
  readonly random: Random
  readonly topic: InputTopic
  readonly row: AmazonReturnRow
  readonly order: SalesOrder
}

/** One way in which nobody can take a record in. */
export interface PoisonKind {
  /** It needs compression: brokers would refuse it else. */
  readonly isLarge?: boolean
  make(
    good: Good,
  ): Omit<PoisonInput, 'kind' | 'timestamp' | 'topic' | 'key' | 'partition'> & Partial<PoisonInput>
}

const bytes = (value: Buffer, code: string): PoisonKind => ({ make: () => ({ value, codes: [code] }) })

/** Under a schema that the registry does not know. It is asked again for a while, which holds the partition up. */
export const unknownSchema: PoisonKind = {
  make() {
    const value = Buffer.alloc(12)
    value.writeInt32BE(UNKNOWN_SCHEMA_ID, 1)
    return { value, codes: ['UNDECODABLE_SCHEMA_ID'] }
  },
}

const large: PoisonKind = { ...bytes(Buffer.alloc(LARGE_BYTES, 7), 'UNDECODABLE_FRAME'), isLarge: true }

const truncated: PoisonKind = {
  make: (good) => {
    const cut = 1 + good.random.below(20)
    return {
      value: whole(good),
      change: (encoded) => encoded.subarray(0, encoded.length - cut),
      codes: ['UNDECODABLE_BODY'],
    }
  },
}

/** Text that is no UTF-8: it is no reference that a key could have. */
const invalidText: PoisonKind = {
  make: (good) => ({
    value: whole(good),
    change(encoded) {
      const reference = Buffer.from(good.row.orderReference)
      const written = Buffer.concat([avroLong(reference.length), reference])
      const invalid = Buffer.from(written)
      invalid.set([0xff, 0xfe], 1)
      return replaced(encoded, written, invalid)
    },
    codes: ['CONTRACT_BROKEN', 'UNDECODABLE_BODY'],
  }),
}

const common: readonly PoisonKind[] = [
  truncated,
  invalidText,
  bytes(Buffer.of(0, 0, 0), 'UNDECODABLE_FRAME'),
  bytes(Buffer.alloc(0), 'UNDECODABLE_FRAME'),
  bytes(Buffer.of(7, 0, 0, 0, 1, 1, 2, 3), 'UNDECODABLE_FRAME'),
  bytes(Buffer.from([0xff, 0xfe, 0xc3, 0x28]), 'UNDECODABLE_FRAME'),
  large,
]

const ordersOnly: readonly PoisonKind[] = [
  {
    make: ({ order }) => ({
      value: order,
      partition: (partitionOf('sales-orders.v1', keyOf(order)) + 1) % PARTITIONS,
      codes: ['SALES_ORDER_MISPLACED'],
    }),
  },
  {
    make: ({ order }) => ({
      value: { ...order, orderReference: `${order.orderReference}-other` },
      codes: ['CONTRACT_BROKEN'],
    }),
  },
]

const rowsOnly: readonly PoisonKind[] = [
  {
    make: ({ row }) => ({
      value: { ...row, orderReference: `${row.orderReference}-other` },
      codes: ['CONTRACT_BROKEN'],
    }),
  },
  { make: ({ row }) => ({ value: row, key: null, codes: ['CONTRACT_BROKEN'] }) },
  { make: () => ({ value: null, codes: ['CONTRACT_BROKEN'] }) },
  {
    make: ({ row }) => ({
      value: { ...row, configVersion: UNKNOWN_SETTINGS },
      codes: ['CONFIG_VERSION_UNKNOWN'],
    }),
  },
  {
    make: ({ row }) => ({
      value: row,
      change: (encoded) => replaced(encoded, avroLong(row.observedAt), HUGE),
      codes: ['UNDECODABLE_BODY'],
    }),
  },
]

/** All kinds by topic, but for `unknownSchema`. */
export const POISON_KINDS: Readonly<Record<InputTopic, readonly PoisonKind[]>> = {
  'amazon-return-rows.v1': [...common, ...rowsOnly],
  'sales-orders.v1': [...common, ...ordersOnly],
}

/** A record that nobody can take in. It stands where a good record of its order would. */
export function poison(given: Good, kind = kindByChance(given)): PoisonInput {
  // Of a document of its own: it is no part of what its neighbours say together.
  const good = { ...given, row: { ...given.row, reportRunId: 'poison' } }
  const { topic, row, order } = good
  const key = topic === 'sales-orders.v1' ? keyOf(order) : row.orderReference
  const partition = partitionOf(topic, key)
  return { kind: 'poison', timestamp: row.fetchedAt, topic, key, partition, ...kind.make(good) }
}

function kindByChance({ random, topic }: Good): PoisonKind {
  return random.pick(POISON_KINDS[topic].filter(({ isLarge }) => !isLarge))
}

const keyOf = (order: SalesOrder) => `${order.orderReference}|${order.channelId}`

const whole = ({ topic, row, order }: Good) => (topic === 'sales-orders.v1' ? order : row)

/** A whole number as Avro writes it: zigzag, seven bits a byte, the lowest first. */
function avroLong(value: number): Buffer {
  const written: number[] = []
  let left = BigInt(value) * 2n
  for (; left > 0x7fn; left >>= 7n) written.push(Number(left & 0x7fn) | 0x80)
  return Buffer.of(...written, Number(left))
}

function replaced(encoded: Buffer, before: Buffer, after: Buffer): Buffer {
  const at = encoded.indexOf(before)
  return Buffer.concat([encoded.subarray(0, at), after, encoded.subarray(at + before.length)])
}
