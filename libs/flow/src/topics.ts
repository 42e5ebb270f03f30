import { orderState, returnOrderKey, salesOrderKey, whole } from './keys.ts'

const DAY_MS = 86_400_000

/** One topic: what it holds, how it is keyed and kept. Names are without the prefix of a stack. */
export interface Topic {
  readonly name: string
  /** The Avro record of the values; null where bytes of other topics are kept untouched. */
  readonly record: string | null
  /** What the key says, in words. */
  readonly key: string
  /** The part of the key that decides the partition. */
  readonly partitionBy: (key: string) => string
  readonly partitions: number
  readonly config: Readonly<Record<string, string>>
  readonly holds: string
}

/** Topics that are joined or carry a partition number on share this count. */
const JOINED_PARTITIONS = 4

const kept = (days: number) => ({ 'cleanup.policy': 'delete', 'retention.ms': String(days * DAY_MS) })
/** How long a compacted topic still tells of a delete: a copy of its state that is older may hold what was deleted. */
export const DELETE_RETENTION_MS = DAY_MS

const compacted = { 'cleanup.policy': 'compact', 'delete.retention.ms': String(DELETE_RETENTION_MS) }

const topic = <const T extends Topic>(t: T): T => t

const deadLetters = <const S extends string>(service: S) =>
  topic({
    name: `dead-letters.${service}.v1`,
    record: null,
    key: 'key of the failed record',
    partitionBy: whole,
    partitions: 1,
    // Kept from the time of writing, by the broker's clock: it refuses what a process dates an hour ahead.
    config: { ...kept(30), 'message.timestamp.type': 'LogAppendTime' },
    holds: `records that ${service} could not read: bytes untouched, headers tell origin and cause`,
  })

/** Every topic of Backhaul. Creation, group names, diagrams and checks derive from here. */
export const topics = {
  'amazon-return-rows.v1': topic({
    name: 'amazon-return-rows.v1',
    record: 'AmazonReturnRow',
    key: 'order reference',
    partitionBy: whole,
    partitions: JOINED_PARTITIONS,
    config: kept(3650),
    holds: 'one row as Amazon wrote it, with provenance; the replay source',
  }),
  'sales-orders.v1': topic({
    name: 'sales-orders.v1',
    record: 'SalesOrder',
    key: 'order reference | channel id',
    partitionBy: salesOrderKey.partitionBy,
    partitions: JOINED_PARTITIONS,
    // A state that is restored up to an offset of yesterday still finds the orders of yesterday.
    config: { ...compacted, 'min.compaction.lag.ms': String(DAY_MS) },
    holds: 'latest state of one sales order in one channel; a tombstone deletes it',
  }),
  'return-orders.v1': topic({
    name: 'return-orders.v1',
    record: 'ReturnOrder',
    key: 'return order id, on the partition number of its input',
    partitionBy: returnOrderKey.partitionBy,
    partitions: JOINED_PARTITIONS,
    // The lag counts from the time of writing: a rebuild writes events of long ago, whose versions sinks have yet to read.
    config: {
      ...compacted,
      'min.compaction.lag.ms': String(7 * DAY_MS),
      'message.timestamp.type': 'LogAppendTime',
    },
    holds: 'latest state of one return, its version and its changes',
  }),
  'report-runs.v1': topic({
    name: 'report-runs.v1',
    record: 'ReportRun',
    key: 'integration id',
    partitionBy: whole,
    partitions: 1,
    config: kept(3650),
    holds: 'begin, end and counts of each report read',
  }),
  'reconciler.order-state.v1': topic({
    name: 'reconciler.order-state.v1',
    record: 'OrderState',
    key: 'tenant | order reference, on the partition number of its input',
    partitionBy: orderState.partitionBy,
    partitions: JOINED_PARTITIONS,
    // Inputs may be months old: by their times each commit marker, which is of now, would begin a segment.
    config: { ...compacted, 'message.timestamp.type': 'LogAppendTime' },
    holds: "changelog of the reconciler's derived state; internal",
  }),
  'dead-letters.reconciler.v1': deadLetters('reconciler'),
  'dead-letters.postgres-sink.v1': deadLetters('postgres-sink'),
  'dead-letters.clickhouse-sink.v1': deadLetters('clickhouse-sink'),
} as const

export type TopicName = keyof typeof topics

/** The record a topic carries, by topic name. */
export type RecordOf<T extends TopicName> = (typeof topics)[T]['record']
