import { HttpFault, problemSchema, type RestApi } from '@backhaul/http'
import { z } from 'zod'
import type { Ledger } from '../adapters/ledger.ts'
import type { Settings } from '../adapters/settings.ts'
import { startOfIntegration } from '../scheduler.ts'
import { completenessOf } from '../steps/completeness.ts'
import { findIntegration } from './find-integration.ts'
import { iso } from './instants.ts'

const DAY_MS = 86_400_000
/** Days of one answer: each is compared with every run that may have read it. */
const MOST_DAYS = 100

const day = z.object({
  marketplaceId: z.string(),
  day: z.string().describe('UTC'),
  status: z.enum(['read', 'under_way', 'hole']),
  readAt: z.string().nullable().describe('When it was read last'),
  readUpTo: z.string().nullable().describe('The end of what was read of it'),
  rows: z
    .number()
    .int()
    .nullable()
    .describe('Rows of that day in the last document, by the request date as Amazon wrote it'),
  reportRunId: z.string().nullable().describe('The run that read it last'),
  reason: z
    .string()
    .nullable()
    .describe(
      'Why it was not read to its end, and what happens next; of a day that was, how it is known to hold no returns without a document',
    ),
})

/** Which days were read, and which are holes. */
export function completenessRoutes(
  api: RestApi,
  { ledger, settings, now }: { ledger: Ledger; settings: Settings; now: () => number },
): void {
  api.get(
    '/v1/completeness',
    {
      config: { scopes: ['reports:read'] },
      schema: {
        summary: 'Read which days of each marketplace were read, and which are holes',
        description: `From the windows of all report runs of the integration; at most ${MOST_DAYS} days a call.`,
        tags: ['Completeness'],
        querystring: z.object({
          integrationId: z.string(),
          from: z.iso.date().describe('First day'),
          to: z.iso.date().describe('The day after the last'),
        }),
        response: { 200: z.object({ items: z.array(day) }), 404: problemSchema, 422: problemSchema },
      },
    },
    async (request) => {
      const { integrationId, from, to } = request.query
      const { tenantId } = request.caller
      const days = (Date.parse(to) - Date.parse(from)) / DAY_MS
      if (days < 1 || days > MOST_DAYS)
        throw new HttpFault(422, 'RANGE_INVALID', `to must be 1 to ${MOST_DAYS} days after from`)
      const integration = await findIntegration(settings, tenantId, integrationId)
      const mapped = integration.marketplaces.map((m) => m.marketplaceId)
      const start = startOfIntegration(integration).at
      const read = await ledger.daysRead({ tenantId, integrationId, from, to, marketplaceIds: mapped })
      return {
        items: read.map((of) => {
          const isFetched = integration.state === 'active' && mapped.includes(of.marketplaceId)
          const { automaticImport: isAutomatic } = integration
          const { status, reason } = completenessOf(of, { isFetched, isAutomatic, start }, now())
          return {
            ...{ marketplaceId: of.marketplaceId, day: of.day, status, reason },
            readAt: iso(of.lastRead?.endedAt ?? null),
            readUpTo: iso(of.readUpTo),
            rows: of.lastRead?.rows ?? null,
            reportRunId: of.lastRead?.reportRunId ?? null,
          }
        }),
      }
    },
  )
}
