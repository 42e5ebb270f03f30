import { marketplaceById } from '@backhaul/domain'
import type { FastifyPluginAsync } from 'fastify'
import type { Simulation } from '../simulation.ts'
import { operationsOf } from './operation.ts'

/** Sellers v1: the marketplaces in which a seller takes part. */
export const sellers: FastifyPluginAsync<{ simulation: Simulation }> = async (http, { simulation }) => {
  const operation = operationsOf(simulation)
  http.get(
    '/sellers/v1/marketplaceParticipations',
    operation('getMarketplaceParticipations', ({ seller }) => ({
      payload: seller.spec.marketplaces.map(participationOf),
    })),
  )
}

function participationOf(id: string): object {
  const marketplace = marketplaceById(id)
  return {
    marketplace: {
      id,
      name: `Amazon.${marketplace?.domain.replace(/^amazon\./, '')}`,
      countryCode: marketplace?.country,
      defaultCurrencyCode: marketplace?.currency,
      defaultLanguageCode: 'en_US',
      domainName: `www.${marketplace?.domain}`,
    },
    participation: { isParticipating: true, hasSuspendedListings: false },
    storeName: 'Demo',
  }
}
