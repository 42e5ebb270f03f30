import { restApi } from '@backhaul/http'
import { toFault } from '@backhaul/postgres'
import { appVersion, defineService } from '@backhaul/runtime'
import { openDatabase } from './adapters/database.ts'
import { ApiKeys } from './api-keys.ts'
import { Authorisations } from './authorisations.ts'
import { config } from './config.ts'
import { Integrations } from './integrations.ts'
import { integrationRoutes } from './routes/integrations.ts'
import { internalRoutes } from './routes/internal.ts'
import { listRoutes } from './routes/lists.ts'

export const service = defineService({
  name: 'config-service',
  config,
  async start({ config, http, untilStarted }) {
    const db = await untilStarted('postgres', () => openDatabase(config.DATABASE_URL))
    const keys = new ApiKeys(db, config.API_KEY_PEPPER)
    await keys.ensure(config.SERVICE_API_KEY, '*')
    if (config.BOOTSTRAP_API_KEY) await keys.ensure(config.BOOTSTRAP_API_KEY, config.BOOTSTRAP_TENANT_ID)
    const integrations = new Integrations(db)
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
      toFault,
    })
    listRoutes(api, db)
    integrationRoutes(api, integrations, authorisations, config.AMAZON_URL)
    internalRoutes(api, integrations, authorisations, keys)
    return { stop: () => db.destroy() }
  },
})
