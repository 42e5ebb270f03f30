import { restApi, verifyAtConfigService } from '@backhaul/http'
import { KafkaClient } from '@backhaul/kafka'
import { appVersion, defineService } from '@backhaul/runtime'
import { AccessTokens, RateLimiter } from '@backhaul/sp-api'
import { Archive } from './adapters/archive.ts'
import { openLedger } from './adapters/ledger.ts'
import { Settings } from './adapters/settings.ts'
import { config } from './config.ts'
import { fetcherEvents } from './events.ts'
import { reportRoutes } from './routes.ts'
import { Worker } from './worker.ts'

export const service = defineService({
  name: 'report-fetcher',
  config,
  async start({ config, http, log, metrics, health, clock, signal, untilStarted, fail }) {
    const ledger = await untilStarted('postgres', () => openLedger(config.DATABASE_URL))
    const kafka = KafkaClient.of('report-fetcher', { config, log, health, signal })
    await kafka.prepare()
    const settings = new Settings(config.CONFIG_SERVICE_URL, config.SERVICE_API_KEY)
    const archive = new Archive(config.ARCHIVE_DIR)
    const events = fetcherEvents(log, metrics)
    const now = () => clock.now()
    const api = await restApi(http, {
      title: 'Backhaul report fetcher',
      description: 'Manual imports, report runs, and fetching now.',
      version: appVersion,
      verifyKey: verifyAtConfigService(config.CONFIG_SERVICE_URL, config.SERVICE_API_KEY),
    })
    await reportRoutes(api, { ledger, archive, settings, events, now })
    const deps = {
      ...{ ledger, archive, kafka, settings, events, now, signal },
      tokens: new AccessTokens((integrationId, refused) => settings.accessToken(integrationId, refused)),
      limiter: new RateLimiter(now),
      amazonUrl: config.AMAZON_URL,
      reportPollMs: config.REPORT_POLL_MS,
    }
    const worker = new Worker(deps, config.POLL_MS, health, log, fail)
    worker.start()
    return {
      async stop() {
        await worker.stop()
        await kafka.close()
        await ledger.close()
      },
    }
  },
})
