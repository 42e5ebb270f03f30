import type { Fault } from '@backhaul/domain'
import type { InputRecord, Logger } from '@backhaul/kafka'
import type { Metrics } from '@backhaul/runtime'

export type RowOutcome =
  | 'imported'
  | 'stale'
  | 'skipped_status'
  | 'skipped_label_type'
  | 'skipped_returnless_refund'

export type OrderOutcome = 'taken' | 'stale' | 'deleted'

/** How a partition's state came back at a start. */
export interface Restored {
  readonly from: 'standby' | 'snapshot' | 'kafka'
  readonly keys: number
  /** Changelog records and sales orders read from Kafka. */
  readonly states: number
  readonly orders: number
  readonly seconds: number
}

/** What the reconciler reports: line and metric together. */
export interface Events {
  rowsRead(outcome: RowOutcome, count: number): void
  ordersRead(outcome: OrderOutcome, count: number): void
  returnsEmitted(linkStatus: string, count: number): void
  restored(partition: number, restored: Restored): void
  /** Keys and memory of a partition's state, told at each transaction. */
  stateHeld(partition: number, keys: number, bytes: number): void
  snapshotWritten(partition: number, bytes: number, seconds: number): void
  /** No snapshot could be written; the next start reads more from Kafka. */
  snapshotFailed(partition: number, error: unknown): void
  /** A snapshot on disk is not used; the state is rebuilt from Kafka. */
  snapshotRefused(partition: number, fault: Fault): void
  /** A warm copy ended; the partition comes from a snapshot or Kafka if it comes here. */
  copyLost(partition: number, error: unknown): void
  /** A record went to the dead letters. Someone should look. */
  rejected(record: InputRecord, fault: Fault): void
}

export function reconcilerEvents(log: Logger, metrics: Metrics): Events {
  const rows = metrics.counter('reconciler_rows_total', 'Return rows read, by outcome', ['outcome'])
  const orders = metrics.counter('reconciler_orders_total', 'Sales orders read, by outcome', ['outcome'])
  const returns = metrics.counter('reconciler_returns_emitted_total', 'ReturnOrders emitted', ['link'])
  const rejected = metrics.counter('reconciler_rejected_total', 'Records sent to the dead letters', [
    'topic',
    'code',
  ])
  const restores = metrics.histogram('reconciler_restore_seconds', 'Time until a state was back', ['from'])
  const keys = metrics.gauge('reconciler_state_keys', 'Entries of a state: one of orders, one of rows', [
    'partition',
  ])
  const memory = metrics.gauge('reconciler_state_bytes', 'Memory of a state, outside the heap', ['partition'])
  const snapshots = metrics.counter('reconciler_snapshots_total', 'Snapshots of states on disk', ['outcome'])
  return {
    rowsRead: (outcome, count) => rows.inc({ outcome }, count),
    ordersRead: (outcome, count) => orders.inc({ outcome }, count),
    returnsEmitted: (link, count) => returns.inc({ link }, count),
    restored(partition, restored) {
      log.info({ partition, ...restored }, 'state restored')
      restores.observe({ from: restored.from }, restored.seconds)
    },
    stateHeld(partition, held, bytes) {
      keys.set({ partition: String(partition) }, held)
      memory.set({ partition: String(partition) }, bytes)
    },
    snapshotWritten(partition, bytes, seconds) {
      log.info({ partition, bytes, seconds }, 'snapshot written')
      snapshots.inc({ outcome: 'written' })
    },
    snapshotFailed(partition, error) {
      log.warn({ partition, err: error }, 'snapshot not written')
      snapshots.inc({ outcome: 'failed' })
    },
    snapshotRefused(partition, fault) {
      log.warn({ partition, code: fault.code, reason: fault.message }, 'snapshot refused')
      snapshots.inc({ outcome: 'refused' })
    },
    copyLost: (partition, error) => log.error({ partition, err: error }, 'warm copy lost'),
    rejected(record, fault) {
      const { topic, partition, offset } = record
      log.error({ topic, partition, offset: String(offset), code: fault.code }, 'record rejected')
      rejected.inc({ topic, code: fault.code })
    },
  }
}
