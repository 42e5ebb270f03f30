import { KafkaClient } from '@backhaul/kafka'
import { defineService, waitOut } from '@backhaul/runtime'
import { migrate, openPool } from './adapters/database.ts'
import { config } from './config.ts'
import { sinkEvents } from './events.ts'
import { ReturnsPipeline } from './pipeline.ts'

export const service = defineService({
  name: 'postgres-sink',
  config,
  async start({ config, log, metrics, health, signal, fail }) {
    const kafka = KafkaClient.of('postgres-sink', { config, log, health, signal })
    const pool = openPool(config.DATABASE_URL, (err) => log.warn({ err }, 'idle connection lost'))
    health.wait('postgres', 'the schema is being brought up to date')
    // Not awaited: the probes answer, and say why, while Postgres is down.
    const migrated = waitOut('postgres', () => migrate(config.DATABASE_URL), { waits: health, log, signal })
    migrated.catch(fail)
    const pipeline = new ReturnsPipeline({
      pool,
      migrated,
      physical: kafka.physical,
      deadLetter: (record, fault, step) =>
        kafka.deadLetter(
          'dead-letters.postgres-sink.v1',
          [{ ...record, value: null, undecodable: fault }],
          step,
        ),
      events: sinkEvents(log, metrics),
      waits: health,
    })
    const consumer = await kafka.consume({
      topics: ['return-orders.v1'],
      open: (at, commit) => pipeline.open(at, commit),
      process: (batch, commit) => pipeline.process(batch, commit),
      fail,
    })
    return {
      async stop() {
        await consumer.stop()
        await pool.end()
      },
    }
  },
})
