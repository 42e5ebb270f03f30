import type { Fault } from '@backhaul/domain'
import type { InputRecord, Logger } from '@backhaul/kafka'
import type { Metrics } from '@backhaul/runtime'

export type RowOutcome =
  | 'imported'
  | 'stale'
  | 'skipped_status'
  | 'skipped_label_type'
  | 'skipped_returnless_refund'

/** What the reconciler reports: line and metric together. */
export interface Events {
  rowRead(outcome: RowOutcome): void
  orderRead(outcome: 'taken' | 'stale' | 'deleted'): void
  returnEmitted(linkStatus: string): void
  restored(partition: number, states: number, orders: number, seconds: number): void
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
  return {
    rowRead: (outcome) => rows.inc({ outcome }),
    orderRead: (outcome) => orders.inc({ outcome }),
    returnEmitted: (link) => returns.inc({ link }),
    restored: (partition, states, held, seconds) =>
      log.info({ partition, states, orders: held, seconds }, 'state restored'),
    rejected(record, fault) {
      const { topic, partition, offset } = record
      log.error({ topic, partition, offset: String(offset), code: fault.code }, 'record rejected')
      rejected.inc({ topic, code: fault.code })
    },
  }
}
