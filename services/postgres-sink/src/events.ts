import type { Fault } from '@backhaul/domain'
import type { InputRecord, Logger } from '@backhaul/kafka'
import type { Metrics } from '@backhaul/runtime'
import type { Written } from './steps/write-batch.ts'

/** What the sink reports: line and metric together. */
export interface Events {
  /** A partition is ours, from `nextOffset` on. */
  opened(topic: string, partition: number, epoch: bigint, nextOffset: bigint | null): void
  /** A batch is stored. */
  written(written: Written, seconds: number): void
  /** A record went to the dead letters. Someone should look. */
  rejected(record: InputRecord, fault: Fault): void
}

export function sinkEvents(log: Logger, metrics: Metrics): Events {
  const rows = metrics.counter('sink_rows_written_total', 'Rows stored, by table and outcome', [
    'table',
    'outcome',
  ])
  const stale = metrics.counter('sink_rows_stale_total', 'Returns whose stored version is as new or newer')
  const batches = metrics.histogram('sink_batch_seconds', 'Time to store one batch')
  const rejected = metrics.counter('sink_rejected_total', 'Records sent to the dead letters', [
    'topic',
    'code',
  ])
  return {
    opened: (topic, partition, epoch, nextOffset) =>
      log.info(
        {
          topic,
          partition,
          epoch: String(epoch),
          nextOffset: nextOffset === null ? null : String(nextOffset),
        },
        'partition opened',
      ),
    written(written, seconds) {
      log.debug({ ...written, seconds }, 'batch stored')
      batches.observe(seconds)
      stale.inc(written.stale)
      for (const outcome of ['inserted', 'updated', 'deleted'] as const) {
        rows.inc({ table: 'return_orders', outcome }, written[outcome])
      }
      rows.inc({ table: 'return_order_items', outcome: 'inserted' }, written.items)
      rows.inc({ table: 'return_order_parcels', outcome: 'inserted' }, written.parcels)
      rows.inc({ table: 'return_order_versions', outcome: 'inserted' }, written.versions)
    },
    rejected(record, fault) {
      const { topic, partition, offset } = record
      log.error({ topic, partition, offset: String(offset), code: fault.code }, 'record rejected')
      rejected.inc({ topic, code: fault.code })
    },
  }
}
