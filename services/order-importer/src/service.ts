import { hostname } from 'node:os'
import { Codec } from '@backhaul/codec'
import { restApi, verifyAtConfigService } from '@backhaul/http'
import { KafkaClient } from '@backhaul/kafka'
import { toFault } from '@backhaul/postgres'
import { appVersion, defineService } from '@backhaul/runtime'
import { Channels } from './adapters/channels.ts'
import { PublishedOrders } from './adapters/published-orders.ts'
import { config } from './config.ts'
import { OrderPipeline } from './pipeline.ts'
import { orderRoutes } from './routes.ts'

export const service = defineService({
  name: 'order-importer',
  config,
  async start({ config, http, log, health, clock, signal, untilStarted }) {
    const published = await untilStarted('postgres', () => PublishedOrders.open(config.DATABASE_URL))
    const codec = new Codec(config.SCHEMA_REGISTRY_URL)
    const kafka = new KafkaClient({
      settings: config,
      service: 'order-importer',
      codec,
      log,
      waits: health,
      signal,
      appVersion,
    })
    await kafka.prepare()
    const pipeline = new OrderPipeline(kafka, published, `${hostname()}-${process.pid}`)
    const api = await restApi(http, {
      title: 'Backhaul order importer',
      description: 'Takes sales orders and publishes their latest state.',
      version: appVersion,
      verifyKey: verifyAtConfigService(config.CONFIG_SERVICE_URL, config.SERVICE_API_KEY),
      toFault,
    })
    orderRoutes(api, pipeline, new Channels(config.CONFIG_SERVICE_URL), () => clock.now())
    return {
      async stop() {
        await pipeline.close()
        await published.close()
      },
    }
  },
})
