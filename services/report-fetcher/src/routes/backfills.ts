import { randomUUID } from 'node:crypto'
import { marketplaceByCountry } from '@backhaul/domain'
import {
  fromCursor,
  HttpFault,
  notFound,
  pageOf,
  pageQuery,
  problemSchema,
  type RestApi,
  text,
  toCursor,
} from '@backhaul/http'
import { z } from 'zod'
import type { Ledger } from '../adapters/ledger.ts'
import type { Settings } from '../adapters/settings.ts'
import { BACKFILL_STATES, type Backfill, finishEstimate, type Progress } from '../backfill.ts'
import { authorised, findIntegration } from './find-integration.ts'
import { iso } from './instants.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** Amazon does not say how far back its reports go; nobody waits for more than these. */
const MOST_DAYS = 20 * 366

const backfill = z.object({
  backfillId: z.string(),
  integrationId: z.string(),
  marketplaces: z.array(z.string()).describe("Amazon's IDs"),
  from: z.string(),
  to: z.string().describe('Excluded'),
  state: z.enum(BACKFILL_STATES),
  createdAt: z.string(),
  endedAt: z.string().nullable(),
  slices: z.number().int().describe('Reports of at most 60 days that it takes'),
  slicesDone: z.number().int(),
  slicesFailed: z
    .number()
    .int()
    .describe('Given up after five tries; /v1/completeness shows the days and why'),
  rowsInDocuments: z.number().int(),
  finishEstimate: z
    .string()
    .nullable()
    .describe('From the slices so far; null before the first, or while paused'),
})

/** Backfills: made, watched, paused, resumed, cancelled. */
export function backfillRoutes(
  api: RestApi,
  { ledger, settings, now }: { ledger: Ledger; settings: Settings; now: () => number },
): void {
  const { backfills } = ledger
  const answer = (b: Backfill & { progress: Progress }): z.input<typeof backfill> => ({
    ...{ backfillId: b.id, integrationId: b.integrationId, marketplaces: [...b.marketplaceIds] },
    from: new Date(b.from).toISOString(),
    to: new Date(b.to).toISOString(),
    state: b.state,
    createdAt: new Date(b.createdAt).toISOString(),
    endedAt: iso(b.endedAt),
    slices: b.progress.slices,
    slicesDone: b.progress.done,
    slicesFailed: b.progress.failed,
    rowsInDocuments: b.progress.rowsInDocuments,
    finishEstimate: iso(finishEstimate(b, b.progress, now())),
  })
  const find = async (tenantId: string, id: string) => {
    const found = await backfills.find(tenantId, id)
    if (!found) throw notFound(`Backfill ${id}`)
    return found
  }

  api.post(
    '/v1/backfills',
    {
      config: { scopes: ['imports:write'] },
      schema: {
        summary: 'Read days of the past, whatever the start time of the integration',
        description:
          'In slices of at most 60 days, the newest first, one at a time, with what live cycles leave of the budget. Days before the start time are imported too. Amazon does not say how far back its reports go: days of which it has nothing any more count as days without returns, and /v1/completeness says so.',
        tags: ['Backfills'],
        headers: z.object({
          'idempotency-key': text(255)
            .optional()
            .describe('A key of your choice: the same call again gets the same answer and creates nothing'),
        }),
        body: z.strictObject({
          integrationId: z.string(),
          marketplaces: z
            .array(z.string())
            .min(1)
            .optional()
            .describe("Amazon's IDs or countries, such as `DE`. Default: all that are mapped"),
          from: z.iso.datetime({ offset: true }).describe('Included'),
          to: z.iso.datetime({ offset: true }).describe('Excluded; not in the future'),
        }),
        response: { 201: backfill, 404: problemSchema, 409: problemSchema, 422: problemSchema },
      },
    },
    async (request, reply) => {
      const { tenantId } = request.caller
      const { integrationId, marketplaces, from, to } = request.body
      const integration = authorised(await findIntegration(settings, tenantId, integrationId))
      const mapped = integration.marketplaces.map((m) => m.marketplaceId)
      const asked = marketplaces?.map((given) => marketplaceByCountry(given)?.id ?? given)
      const unmapped = asked?.find((id) => !mapped.includes(id))
      if (unmapped !== undefined || mapped.length === 0)
        throw new HttpFault(
          409,
          'MARKETPLACE_NOT_MAPPED',
          `${unmapped ?? 'No marketplace'} is mapped to no channel in integration ${integrationId}: map it first`,
        )
      // Whole minutes: Amazon tells a window back in seconds, and a lost report is known by it.
      const range = { from: minuteOf(from), to: minuteOf(to) }
      if (range.from >= range.to || range.from < now() - MOST_DAYS * DAY_MS || Date.parse(to) > now())
        throw new HttpFault(
          422,
          'RANGE_INVALID',
          `from must be before to and at most ${MOST_DAYS} days ago, to not in the future`,
        )
      const wanted: Backfill = {
        ...{ id: `bf_${randomUUID()}`, tenantId, integrationId, ...range, state: 'running' },
        ...{ marketplaceIds: [...new Set(asked ?? mapped)], createdAt: now(), endedAt: null },
      }
      const key = request.headers['idempotency-key'] ?? null
      const created = await backfills.create(wanted, key)
      if ('reused' in created)
        throw new HttpFault(
          422,
          'KEY_REUSED',
          `The Idempotency-Key ${key} was sent before with another request: choose a new one`,
        )
      return reply.code(201).send(answer(await find(tenantId, created.backfill.id)))
    },
  )

  api.get(
    '/v1/backfills',
    {
      config: { scopes: ['reports:read'] },
      schema: {
        summary: 'List backfills, newest first',
        tags: ['Backfills'],
        querystring: z.object({ integrationId: z.string().optional(), ...pageQuery }),
        response: { 200: pageOf(backfill), 422: problemSchema },
      },
    },
    async (request) => {
      const { limit, cursor, integrationId } = request.query
      const [createdAt, id] = (fromCursor(cursor) ?? '').split(' ')
      const found = await backfills.list(
        request.caller.tenantId,
        integrationId,
        id ? [Number(createdAt), id] : null,
        limit,
      )
      const last = found.length === limit ? found.at(-1) : undefined
      return {
        items: found.map(answer),
        nextCursor: last ? toCursor(`${last.createdAt} ${last.id}`) : null,
      }
    },
  )

  const params = z.object({ id: z.string() })
  api.get(
    '/v1/backfills/:id',
    {
      config: { scopes: ['reports:read'] },
      schema: {
        summary: 'Read a backfill: how far it is, and when it will be done',
        tags: ['Backfills'],
        params,
        response: { 200: backfill, 404: problemSchema },
      },
    },
    async (request) => answer(await find(request.caller.tenantId, request.params.id)),
  )

  for (const [command, state, summary] of [
    ['pause', 'paused', 'Pause a backfill: the report that is under way is still read'],
    ['resume', 'running', 'Resume a backfill that is paused'],
    ['cancel', 'cancelled', 'Cancel a backfill for good: what was read stays'],
  ] as const) {
    api.post(
      `/v1/backfills/:id/${command}`,
      {
        config: { scopes: ['imports:write'] },
        schema: {
          summary,
          tags: ['Backfills'],
          params,
          response: { 200: backfill, 404: problemSchema, 409: problemSchema },
        },
      },
      async (request) => {
        const { tenantId } = request.caller
        const found = await find(tenantId, request.params.id)
        const changed = await backfills.change(found.id, state, state === 'cancelled' ? now() : null)
        // A command can be sent again.
        if (!changed && found.state !== state)
          throw new HttpFault(
            409,
            'BACKFILL_ENDED',
            `Backfill ${found.id} is ${found.state}: create a new one`,
          )
        return answer(await find(tenantId, found.id))
      },
    )
  }
}

const minuteOf = (instant: string): number => Math.floor(Date.parse(instant) / MINUTE_MS) * MINUTE_MS
