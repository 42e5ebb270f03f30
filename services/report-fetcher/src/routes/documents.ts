import { HttpFault, problemSchema, type RestApi, text } from '@backhaul/http'
import { z } from 'zod'
import type { Archive } from '../adapters/archive.ts'
import type { Ledger } from '../adapters/ledger.ts'
import { changesOf } from '../steps/changes.ts'

const value = z.string().nullable()

const version = z.object({
  documentSha256: z.string().nullable(),
  reportRunId: z.string(),
  reportId: z.string().nullable(),
  source: z.enum(['api', 'import']),
  observedAt: z.string().nullable().describe('When Amazon made the document'),
  rowNumber: z.number().int().describe('Its line: GET /v1/report-runs/{reportRunId}/rows/{rowNumber}'),
  rowId: z.string(),
  orderReference: z.string(),
  amazonRmaId: value,
  outcome: z.enum(['new', 'changed']),
  changes: z
    .array(z.object({ column: z.string(), before: value, after: value }))
    .describe('What it says otherwise than the version before; none for a new row'),
})

/** Where an order or a return stands in the archive. */
export function documentRoutes(
  api: RestApi,
  { ledger, archive }: { ledger: Ledger; archive: Archive },
): void {
  api.get(
    '/v1/documents',
    {
      config: { scopes: ['reports:read'] },
      schema: {
        summary: 'Find the documents in which an order or a return first stood and changed',
        description:
          'Oldest first, at most 200 versions. Documents that repeat a row unchanged are not told.',
        tags: ['Documents'],
        querystring: z.object({
          orderReference: text(100).optional(),
          rmaId: text(100).optional().describe("Amazon's RMA id"),
        }),
        response: { 200: z.object({ items: z.array(version) }), 422: problemSchema },
      },
    },
    async (request) => {
      const { orderReference, rmaId } = request.query
      if (!orderReference && !rmaId) throw new HttpFault(422, 'FIELD_MISSING', 'Give orderReference or rmaId')
      const versions = await ledger.rowVersions(request.caller.tenantId, { orderReference, rmaId })
      const changes = await changesOf(archive, versions)
      return {
        items: versions.map(({ run, ...of }, n) => ({
          ...{ rowNumber: of.rowNumber, rowId: of.rowId, orderReference: of.orderReference },
          ...{ amazonRmaId: of.amazonRmaId, outcome: of.outcome },
          documentSha256: run.documentSha256,
          reportRunId: run.id,
          reportId: run.reportId,
          source: run.source,
          observedAt: run.observedAt === null ? null : new Date(run.observedAt).toISOString(),
          changes: [...(changes[n] ?? [])],
        })),
      }
    },
  )
}
