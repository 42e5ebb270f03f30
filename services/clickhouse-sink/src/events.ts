import type { Fault } from '@backhaul/domain'
import type { InputRecord, Logger } from '@backhaul/kafka'
import type { Metrics } from '@backhaul/runtime'
import type { Range } from './steps/range.ts'

/** What the sink reports: line and metric together. */
export interface Events {
  /** A partition is ours, from `nextOffset` on. */
  opened(topic: string, partition: number, nextOffset: bigint | null): void
  /** A range that an earlier owner had begun is written again; what it stored is recognised. */
  resumed(range: Range): void
  /** A range is stored. */
  written(range: Range, rows: Readonly<Record<string, number>>, seconds: number): void
  /** A record went to the dead letters. Someone should look. */
  rejected(record: InputRecord, fault: Fault): void
}

const shown = ({ topic, partition, from, to }: Range) => ({
  topic,
  partition,
  from: String(from),
  to: String(to),
})

export function sinkEvents(log: Logger, metrics: Metrics): Events {
  const rows = metrics.counter('sink_rows_written_total', 'Rows inserted, by table', ['table'])
  const resumed = metrics.counter('sink_ranges_resumed_total', 'Ranges written again after a crash', [
    'topic',
  ])
  const batches = metrics.histogram('sink_batch_seconds', 'Time to store one range')
  const rejected = metrics.counter('sink_rejected_total', 'Records sent to the dead letters', [
    'topic',
    'code',
  ])
  return {
    opened: (topic, partition, nextOffset) =>
      log.info({ topic, partition, nextOffset: nextOffset?.toString() ?? null }, 'partition opened'),
    resumed(range) {
      log.warn(shown(range), 'range resumed')
      resumed.inc({ topic: range.topic })
    },
    written(range, counts, seconds) {
      log.debug({ ...shown(range), ...counts, seconds }, 'range stored')
      batches.observe(seconds)
      for (const [table, count] of Object.entries(counts)) rows.inc({ table }, count)
    },
    rejected(record, fault) {
      const { topic, partition, offset } = record
      log.error({ topic, partition, offset: String(offset), code: fault.code }, 'record rejected')
      rejected.inc({ topic, code: fault.code })
    },
  }
}
