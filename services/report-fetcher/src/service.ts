import { tmpdir } from 'node:os'
import { restApi, verifyAtConfigService } from '@backhaul/http'
import { KafkaClient } from '@backhaul/kafka'
import {
  budgetEvents,
  DEFAULT_PLANS,
  openRateBudget,
  type Plans,
  rateBudgetRoutes,
} from '@backhaul/rate-budget'
import { appVersion, defineService } from '@backhaul/runtime'
import { AccessTokens } from '@backhaul/sp-api'
import { openArchive } from './adapters/archive.ts'
import { openLedger } from './adapters/ledger.ts'
import { archiveKeys } from './adapters/sealed.ts'
import { Settings } from './adapters/settings.ts'
import { SPILL_PREFIX } from './adapters/spill.ts'
import { sweep } from './adapters/sweep.ts'
import { config } from './config.ts'
import { fetcherEvents } from './events.ts'
import { backfillRoutes } from './routes/backfills.ts'
import { completenessRoutes } from './routes/completeness.ts'
import { documentRoutes } from './routes/documents.ts'
import { rebuildRoutes } from './routes/rebuilds.ts'
import { reportRoutes } from './routes.ts'
import { Worker } from './worker.ts'

export const service = defineService({
  name: 'report-fetcher',
  config,
  async start({ config, http, log, metrics, health, clock, signal, untilStarted, fail }) {
    const archive = openArchive(config)
    const ledger = await untilStarted('postgres', () => openLedger(config.DATABASE_URL))
    await untilStarted('postgres', () => ledger.registerKeys(archiveKeys(config.ARCHIVE_KEYS)))
    const budget = await untilStarted('postgres', () =>
      openRateBudget({
        url: config.DATABASE_URL,
        application: config.AMAZON_APPLICATION,
        events: budgetEvents(log, metrics),
        plans: plansTimes(config.AMAZON_QUOTA_FACTOR),
      }),
    )
    const kafka = KafkaClient.of('report-fetcher', { config, log, health, signal })
    await kafka.prepare()
    const settings = new Settings(config.CONFIG_SERVICE_URL, config.SERVICE_API_KEY)
    await Promise.all([archive.sweep(), sweep(tmpdir(), new RegExp(`^${SPILL_PREFIX}`))])
    const events = fetcherEvents(log, metrics)
    const now = () => clock.now()
    const api = await restApi(http, {
      title: 'Backhaul report fetcher',
      description: 'Manual imports, report runs, fetching now, backfills, and which days were read.',
      version: appVersion,
      verifyKey: verifyAtConfigService(config.CONFIG_SERVICE_URL, config.SERVICE_API_KEY),
    })
    await reportRoutes(api, { ledger, archive, settings, events, now })
    completenessRoutes(api, { ledger, settings, now })
    backfillRoutes(api, { ledger, settings, now })
    documentRoutes(api, { ledger, archive })
    rebuildRoutes(api, { ledger, now })
    rateBudgetRoutes(api, { budget, sellersOf: (tenantId) => settings.sellersOf(tenantId) })
    const deps = {
      ...{ ledger, archive, kafka, settings, events, budget, now, signal },
      tokens: new AccessTokens((integrationId, refused) => settings.accessToken(integrationId, refused)),
      amazonUrl: config.AMAZON_URL,
      reportPollMs: config.REPORT_POLL_MS,
    }
    const worker = new Worker(deps, config.POLL_MS, health, log, fail)
    worker.start()
    return {
      async stop() {
        await worker.stop()
        await kafka.close()
        await budget.close()
        await ledger.close()
      },
    }
  },
})

/** Amazon's plans, for a server in its place that allows more. */
const plansTimes = (factor: number): Plans =>
  Object.fromEntries(
    Object.entries(DEFAULT_PLANS).map(([operation, { rate, burst }]) => [
      operation,
      { rate: rate * factor, burst: burst * factor },
    ]),
  )
