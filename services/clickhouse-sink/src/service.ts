import { KafkaClient } from '@backhaul/kafka'
import { defineService, waitOut } from '@backhaul/runtime'
import { ClickHouse } from './adapters/clickhouse.ts'
import { config } from './config.ts'
import { sinkEvents } from './events.ts'
import { AnalyticsPipeline } from './pipeline.ts'
import type { Topic } from './steps/read-records.ts'

const TOPICS: readonly Topic[] = ['return-orders.v1', 'report-runs.v1']

export const service = defineService({
  name: 'clickhouse-sink',
  config,
  async start({ config, log, metrics, health, signal, fail }) {
    const kafka = KafkaClient.of('clickhouse-sink', { config, log, health, signal })
    const clickhouse = new ClickHouse(config.CLICKHOUSE_URL)
    health.wait('clickhouse', 'tables and views are being brought up to date')
    // Not awaited: the probes answer, and say why, while ClickHouse is down.
    const migrated = waitOut('clickhouse', () => clickhouse.migrate(), { waits: health, log, signal })
    migrated.catch(fail)
    const pipeline = new AnalyticsPipeline({
      insert: (block, token) => clickhouse.insert(block, token),
      hasBegun: (begun) => clickhouse.hasBegun(begun),
      noteBegun: (begun) => clickhouse.noteBegun(begun),
      migrated,
      async committed({ topic, partition }) {
        const position = (await kafka.committed([topic])).find((c) => c.partition === partition)
        return { offset: position?.offset ?? null, note: position?.metadata ?? null }
      },
      deadLetter: (record, fault, step) =>
        kafka.deadLetter(
          'dead-letters.clickhouse-sink.v1',
          [{ ...record, value: null, undecodable: fault }],
          step,
        ),
      physical: kafka.physical,
      group: kafka.group,
      generation: config.SINK_GENERATION,
      insertIntervalMs: config.INSERT_INTERVAL_MS,
      events: sinkEvents(log, metrics),
      waits: health,
    })
    const consumer = await kafka.consume({
      topics: TOPICS,
      open: (at, commit, read) => pipeline.open(at, commit, read),
      process: (batch, commit) => pipeline.process(batch, commit),
      fail,
    })
    return {
      async stop() {
        await consumer.stop()
        await clickhouse.close()
      },
    }
  },
})
