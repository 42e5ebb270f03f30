import { restApi } from '@backhaul/http'
import { budgetEvents, openRateBudget } from '@backhaul/rate-budget'
import { appVersion, defineService } from '@backhaul/runtime'
import { Database } from './adapters/database.ts'
import { ApiKeys } from './api-keys.ts'
import { Authorisations } from './authorisations.ts'
import { config } from './config.ts'
import { Integrations } from './integrations.ts'
import { MappingTargets } from './mapping-targets.ts'
import { integrationRoutes } from './routes/integrations.ts'
import { internalRoutes } from './routes/internal.ts'
import { targetRoutes } from './routes/mapping-targets.ts'

export const service = defineService({
  name: 'config-service',
  config,
  async start({ config, http, log, metrics, untilStarted }) {
    const db = await untilStarted('postgres', () => Database.open(config.DATABASE_URL))
    const budget = await untilStarted('postgres', () =>
      openRateBudget({
        url: config.DATABASE_URL,
        application: config.AMAZON_APPLICATION,
        events: budgetEvents(log, metrics),
      }),
    )
    const keys = new ApiKeys(db, config.API_KEY_PEPPER)
    await untilStarted('postgres', async () => {
      await keys.ensure(config.SERVICE_API_KEY, '*')
      if (config.BOOTSTRAP_API_KEY) await keys.ensure(config.BOOTSTRAP_API_KEY, config.BOOTSTRAP_TENANT_ID)
    })
    const channels = MappingTargets.channels(db)
    const reasons = MappingTargets.returnReasons(db)
    const integrations = new Integrations(db, channels, reasons)
    const authorisations = new Authorisations(db, config.SECRETS_KEY, {
      clientId: config.LWA_CLIENT_ID,
      clientSecret: config.LWA_CLIENT_SECRET,
      amazonUrl: config.AMAZON_URL,
    })
    const api = await restApi(http, {
      title: 'Backhaul settings',
      description: 'Channels, return reasons, integrations and their immutable versions.',
      version: appVersion,
      verifyKey: keys.verify,
    })
    targetRoutes(api, channels, reasons)
    integrationRoutes(api, { integrations, authorisations, budget, amazonUrl: config.AMAZON_URL })
    internalRoutes(api, { integrations, authorisations, keys, channels })
    return {
      async stop() {
        await budget.close()
        await db.close()
      },
    }
  },
})
