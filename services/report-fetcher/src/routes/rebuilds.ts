import { randomUUID } from 'node:crypto'
import { notFound, problemSchema, type RestApi, text } from '@backhaul/http'
import { z } from 'zod'
import type { Ledger } from '../adapters/ledger.ts'
import { REBUILD_STATES, type Rebuild } from '../adapters/rebuilds.ts'
import { iso } from './instants.ts'

const rebuild = z.object({
  rebuildId: z.string().describe('Also the header `replay-id` of what is written again'),
  state: z.enum(REBUILD_STATES),
  reason: z.string(),
  createdAt: z.string(),
  endedAt: z.string().nullable(),
  runs: z.number().int().describe('Report runs that were written again so far'),
  rows: z.number().int().describe('Rows that were written again so far'),
  error: z.string().nullable(),
})

const answer = (r: Rebuild): z.input<typeof rebuild> => ({
  ...{ rebuildId: r.id, state: r.state, reason: r.reason, runs: r.runs, rows: r.rows, error: r.error },
  createdAt: new Date(r.createdAt).toISOString(),
  endedAt: iso(r.endedAt),
})

/** Rebuilds of the topics from the archive. */
export function rebuildRoutes(
  api: RestApi,
  { ledger: { rebuilds }, now }: { ledger: Ledger; now: () => number },
): void {
  api.post(
    '/v1/rebuilds',
    {
      config: { scopes: ['imports:write'] },
      schema: {
        summary: 'Write all rows, begins and ends of runs again, from the archive, without Amazon',
        description:
          'For topics that were lost, or that are read from the beginning elsewhere. Event ids stay the same; the headers replay-id and replay-reason mark what is written again.',
        tags: ['Rebuilds'],
        headers: z.object({
          'idempotency-key': text(255)
            .optional()
            .describe('A key of your choice: the same call again gets the same answer and creates nothing'),
        }),
        body: z.strictObject({ reason: text(200) }),
        response: { 202: rebuild, 422: problemSchema },
      },
    },
    async (request, reply) => {
      const { reason } = request.body
      const asked: Rebuild = {
        ...{ id: `rb_${randomUUID()}`, tenantId: request.caller.tenantId, state: 'running', reason },
        ...{
          createdAt: now(),
          endedAt: null,
          endedAs: 0,
          position: 0,
          counts: null,
          runs: 0,
          rows: 0,
          error: null,
        },
      }
      const created = await rebuilds.create(asked, request.headers['idempotency-key'] ?? null)
      return reply.code(202).send(answer(created))
    },
  )

  api.get(
    '/v1/rebuilds/:id',
    {
      config: { scopes: ['reports:read'] },
      schema: {
        summary: 'Read how far a rebuild is',
        tags: ['Rebuilds'],
        params: z.object({ id: z.string() }),
        response: { 200: rebuild, 404: problemSchema },
      },
    },
    async (request) => {
      const found = await rebuilds.find(request.caller.tenantId, request.params.id)
      if (!found) throw notFound(`Rebuild ${request.params.id}`)
      return answer(found)
    },
  )
}
