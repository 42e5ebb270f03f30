import { KafkaClient } from '@backhaul/kafka'
import { defineService } from '@backhaul/runtime'
import { Settings } from './adapters/settings.ts'
import { Snapshots } from './adapters/snapshots.ts'
import { config } from './config.ts'
import { reconcilerEvents } from './events.ts'
import { PartitionStates } from './partition-states.ts'
import { OrderPipeline } from './pipeline.ts'

const MEBIBYTE = 2 ** 20

export const service = defineService({
  name: 'reconciler',
  config,
  async start({ config, log, metrics, health, signal, fail }) {
    const kafka = KafkaClient.of('reconciler', { config, log, health, signal })
    const { codec } = kafka.options
    // Rows are written too: as they are, inside the changelog.
    await kafka.prepare(['amazon-return-rows.v1'])
    const settings = new Settings(config.CONFIG_SERVICE_URL, config.SERVICE_API_KEY)
    const events = reconcilerEvents(log, metrics)
    const limitBytes = config.STATE_LIMIT_MB * MEBIBYTE
    const { GENERATION: generation, STATE_FOLDER: folder } = config
    const states = new PartitionStates({
      kafka,
      codec,
      events,
      snapshots: folder ? new Snapshots({ folder, generation, limitBytes, kafka, events }) : null,
      snapshotEveryMs: config.SNAPSHOT_MINUTES * 60_000,
      limitBytes,
      standby: config.STANDBY,
    })
    states.start()
    const processor = await kafka.process({
      inputs: ['amazon-return-rows.v1', 'sales-orders.v1'],
      changelog: 'reconciler.order-state.v1',
      create: (partition) =>
        new OrderPipeline(partition, {
          kafka,
          codec,
          settings,
          states,
          events,
          generation,
        }),
      fail,
    })
    return {
      async stop() {
        await processor.stop()
        await states.stop()
      },
    }
  },
})
