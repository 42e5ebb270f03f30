import type { TopicName } from './topics.ts'

/** One service: what it reads and what it may write. A write that is not declared here does not compile. */
export interface FlowService {
  readonly name: string
  readonly does: string
  readonly reads: readonly TopicName[]
  readonly writes: readonly TopicName[]
  /** Reads that are joined: a partition number of all of them goes to one instance. */
  readonly joins: readonly TopicName[]
}

const service = <const S extends FlowService>(s: S): S => s

export const services = {
  'config-service': service({
    name: 'config-service',
    does: 'REST: channels, return reasons, integrations and their immutable versions',
    reads: [],
    writes: [],
    joins: [],
  }),
  'report-fetcher': service({
    name: 'report-fetcher',
    does: 'reads return reports and publishes new and changed rows',
    reads: ['report-runs.v1'],
    writes: ['amazon-return-rows.v1', 'report-runs.v1'],
    joins: [],
  }),
  'order-importer': service({
    name: 'order-importer',
    does: 'takes sales orders and publishes their latest state',
    reads: [],
    writes: ['sales-orders.v1'],
    joins: [],
  }),
  reconciler: service({
    name: 'reconciler',
    does: 'joins return rows with sales orders and emits versioned ReturnOrders',
    reads: ['amazon-return-rows.v1', 'sales-orders.v1', 'reconciler.order-state.v1'],
    writes: ['return-orders.v1', 'reconciler.order-state.v1', 'dead-letters.reconciler.v1'],
    joins: ['amazon-return-rows.v1', 'sales-orders.v1'],
  }),
  'postgres-sink': service({
    name: 'postgres-sink',
    does: 'persists ReturnOrders for applications and support',
    reads: ['return-orders.v1'],
    writes: ['dead-letters.postgres-sink.v1'],
    joins: [],
  }),
  'clickhouse-sink': service({
    name: 'clickhouse-sink',
    does: 'feeds return-reason analytics',
    reads: ['return-orders.v1', 'report-runs.v1'],
    writes: ['dead-letters.clickhouse-sink.v1'],
    joins: [],
  }),
} as const

export type ServiceName = keyof typeof services

/** Topics that a service may write. */
export type WritesOf<S extends ServiceName> = (typeof services)[S]['writes'][number]

/** Topics that a service may read. */
export type ReadsOf<S extends ServiceName> = (typeof services)[S]['reads'][number]
