import { gzipSync } from 'node:zlib'
import { HttpFault, type RestApi } from '@backhaul/http'
import { z } from 'zod'
import { applyChange } from '../scenario/apply-change.ts'
import { change, clockChange } from '../scenario/change.ts'
import { marketplace } from '../scenario/fields.ts'
import { sellersNamedIn } from '../scenario/sellers-named.ts'
import type { Simulation } from '../simulation.ts'
import { sellerIn, timeOf } from './control-sight.ts'

const row = z.record(z.string(), z.string())

/** The writing half of `/_control`. */
export function controlOfChanges(http: RestApi, simulation: Simulation): void {
  http.post(
    '/_control/changes',
    { schema: { summary: 'Change anything that a scenario can change, at once', body: change } },
    async ({ body }) => {
      for (const { sellerId } of sellersNamedIn(body)) sellerIn(simulation, sellerId)
      applyChange(simulation, body)
      return timeOf(simulation)
    },
  )

  const days = z.strictObject({ days: z.number().positive() })
  http.post(
    '/_control/clock',
    {
      schema: {
        summary: "Let days of the sellers' story pass, or give Amazon a time and speed of its own",
        body: z.union([days, clockChange]),
      },
    },
    async ({ body }) => {
      if (!('days' in body)) applyChange(simulation, { ...change.parse({}), clock: body })
      else if (!simulation.clock.move(body.days)) {
        const left = `Only ${simulation.clock.daysLeft} days are left before real time`
        throw new HttpFault(409, 'PAST_REAL_TIME', left)
      }
      return timeOf(simulation)
    },
  )

  http.put(
    '/_control/returns',
    {
      schema: {
        summary: 'Rows in front of the own returns of every seller, by column',
        body: z.strictObject({ marketplaceId: marketplace, rows: z.array(row) }),
      },
    },
    async ({ body }) => {
      simulation.givenRows.set(body.marketplaceId, body.rows)
      return { rows: body.rows.length }
    },
  )

  http.post(
    '/_control/documents',
    {
      schema: {
        summary: 'A whole document for the next report of a marketplace',
        body: z.strictObject({
          marketplaceId: marketplace,
          base64: z.base64(),
          charset: z.string().nullable().default('UTF-8'),
          gzip: z.boolean().default(false),
          declaredGzip: z.boolean().optional(),
        }),
      },
    },
    async ({ body: { marketplaceId, base64, charset, gzip, declaredGzip = gzip } }) => {
      const plain = Buffer.from(base64, 'base64')
      const document = { bytes: gzip ? gzipSync(plain) : plain, charset, gzip: declaredGzip }
      const waiting = [...(simulation.givenDocuments.get(marketplaceId) ?? []), document]
      simulation.givenDocuments.set(marketplaceId, waiting)
      return { waiting: waiting.length }
    },
  )

  http.delete('/_control/calls', { schema: { summary: 'Forget the calls' } }, async () => {
    simulation.calls = []
    return {}
  })

  http.post(
    '/_control/reset',
    { schema: { summary: 'Back to how it began; reports and used-up quotas stay' } },
    async () => {
      simulation.reset()
      return {}
    },
  )
}
