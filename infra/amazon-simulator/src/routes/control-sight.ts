import { notFound, type RestApi } from '@backhaul/http'
import { z } from 'zod'
import { linesOf } from '../reports/document-of.ts'
import { marketplace } from '../scenario/fields.ts'
import type { Seller } from '../sellers/sellers.ts'
import type { Simulation } from '../simulation.ts'
import { ordersAt } from '../world/sales-orders.ts'

const ofSeller = z.object({ sellerId: z.string().optional().describe('The first seller when left out') })
const DAY_MS = 86_400_000

/** The seller that a request names; the first one when it names none. */
export function sellerIn(simulation: Simulation, sellerId: string | undefined): Seller {
  if (sellerId === undefined) return simulation.sellers.first
  const seller = simulation.sellers.byId(sellerId)
  if (!seller) throw notFound(`Seller ${sellerId}`)
  return seller
}

export const timeOf = ({ clock }: Simulation) => ({
  now: new Date(clock.storyNow()).toISOString(),
  amazonNow: new Date(clock.now()).toISOString(),
  speed: clock.speed,
  daysLeft: clock.daysLeft,
})

/** The reading half of `/_control`. */
export function controlOfSight(http: RestApi, simulation: Simulation): void {
  http.get('/_control/clock', { schema: { summary: 'Where time stands' } }, async () => timeOf(simulation))

  const callFilter = z.object({
    operation: z.string().optional(),
    sellerId: z.string().optional(),
    outcome: z.string().optional(),
  })
  http.get(
    '/_control/calls',
    { schema: { summary: 'Calls received, oldest first, without secrets', querystring: callFilter } },
    async ({ query }) =>
      simulation.calls.filter(
        (call) =>
          (query.operation ?? call.operation) === call.operation &&
          (query.sellerId ?? call.sellerId) === call.sellerId &&
          (query.outcome ?? call.outcome) === call.outcome,
      ),
  )

  http.get(
    '/_control/sellers',
    { schema: { summary: 'Sellers with the refresh tokens they gave' } },
    async () =>
      simulation.sellers.all.map((seller) => ({
        ...seller.spec,
        denied: seller.denied,
        revoked: simulation.isRevoked(seller),
      })),
  )

  http.get(
    '/_control/orders',
    {
      schema: {
        summary: "A seller's orders as order-importer takes them, with marketplaceId in place of the channel",
        querystring: ofSeller,
      },
    },
    async ({ query }) => ordersAt(sellerIn(simulation, query.sellerId).world, simulation.clock.storyNow()),
  )

  http.get(
    '/_control/returns',
    {
      schema: {
        summary: 'What a returns report of the last 60 days holds now, by column: the truth to compare with',
        querystring: ofSeller.extend({ marketplace }),
      },
    },
    async ({ query }) => {
      const now = simulation.clock.now()
      const lines = linesOf({
        request: {
          reportType: 'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE',
          marketplaceIds: [query.marketplace],
          dataStartTime: new Date(now - 60 * DAY_MS).toISOString(),
          dataEndTime: new Date(now).toISOString(),
        },
        seller: sellerIn(simulation, query.sellerId),
        given: simulation.given,
        style: {},
        storyNow: simulation.clock.storyNow(),
        epoch: simulation.epoch,
      })
      return lines.map(({ row }) => row)
    },
  )

  http.get(
    '/_control/reports',
    { schema: { summary: 'All reports, with the cause that Amazon does not tell', querystring: ofSeller } },
    async ({ query }) =>
      [...simulation.reports.values()]
        .filter((report) => (query.sellerId ?? report.sellerId) === report.sellerId)
        .map((report) => ({ ...report, processingStatus: simulation.reportBook.statusOf(report) })),
  )

  http.get(
    '/_control/limits',
    { schema: { summary: 'Buckets used so far, and rules beside the published plans' } },
    async () => ({
      buckets: simulation.limits.state(),
      rules: simulation.limits.rules,
    }),
  )
}
