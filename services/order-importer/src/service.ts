import { randomUUID } from 'node:crypto'
import { restApi, verifyAtConfigService } from '@backhaul/http'
import { KafkaClient } from '@backhaul/kafka'
import { appVersion, defineService } from '@backhaul/runtime'
import { Channels } from './adapters/channels.ts'
import { OrderWriter } from './adapters/order-writer.ts'
import { PublishedOrders } from './adapters/published-orders.ts'
import { config } from './config.ts'
import { OrderPipeline } from './pipeline.ts'
import { orderRoutes } from './routes.ts'

export const service = defineService({
  name: 'order-importer',
  config,
  async start({ config, http, log, health, clock, signal, untilStarted, fail }) {
    const now = () => clock.now()
    const published = await untilStarted('postgres', () => PublishedOrders.open(config.DATABASE_URL))
    const kafka = KafkaClient.of('order-importer', { config, log, health, signal })
    await kafka.prepare()
    // No two instances can share it. Kafka ends what a killed one left open after 10 s, and forgets unused ids after 7 days.
    const writer = new OrderWriter(kafka, randomUUID(), { waits: health, log, signal }, fail)
    await untilStarted('kafka', () => writer.open())
    const { CONFIG_SERVICE_URL, SERVICE_API_KEY } = config
    const api = await restApi(http, {
      title: 'Backhaul order importer',
      description: 'Takes sales orders and publishes their latest state.',
      version: appVersion,
      verifyKey: verifyAtConfigService(CONFIG_SERVICE_URL, SERVICE_API_KEY),
    })
    const pipeline = new OrderPipeline(published, writer, now)
    orderRoutes(api, pipeline, new Channels(CONFIG_SERVICE_URL, SERVICE_API_KEY, now))
    return {
      async stop() {
        await pipeline.close()
        await writer.close()
        await published.close()
      },
    }
  },
})
