import { fromCursor, HttpFault, pageOf, problemSchema, type RestApi, text, toCursor } from '@backhaul/http'
import { z } from 'zod'
import type { Archive } from '../adapters/archive.ts'
import type { RowVersion } from '../adapters/document-index.ts'
import type { Ledger } from '../adapters/ledger.ts'
import { changesOf, placeOf } from '../steps/changes.ts'
import { OUTCOMES } from '../steps/compare-rows.ts'
import { iso } from './instants.ts'

/** Documents of one page: those in which a row changed are read again. */
const MOST_DOCUMENTS = 50

const value = z.string().nullable()

const row = z.object({
  rowNumber: z.number().int().describe('Its line: GET /v1/report-runs/{reportRunId}/rows/{rowNumber}'),
  rowId: z.string(),
  orderReference: z.string(),
  amazonRmaId: value.describe('As last published by then'),
  outcome: z.enum(OUTCOMES).describe('What became of it; new and changed rows were published'),
  changes: z
    .array(z.object({ column: z.string(), before: value, after: value }))
    .describe('What it says otherwise than the version before; none unless it changed'),
})

const document = z.object({
  documentSha256: value,
  reportRunId: z.string(),
  reportId: value,
  marketplaceId: z.string(),
  source: z.enum(['api', 'import']),
  observedAt: value.describe('When Amazon made the document'),
  readAt: value.describe('When its run ended'),
  rows: z.array(row),
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
        summary: 'Find every document in which an order or a return stands, its rows, and what changed',
        description:
          'In the order in which they were read. Rows that were rejected, or requested before the start day, are told by no order number.',
        tags: ['Documents'],
        querystring: z.object({
          orderReference: text(100).optional(),
          rmaId: text(100).optional().describe("Amazon's RMA id"),
          limit: z.coerce.number().int().min(1).max(MOST_DOCUMENTS).default(MOST_DOCUMENTS),
          cursor: z.string().optional().describe('`nextCursor` of the page before'),
        }),
        response: { 200: pageOf(document), 422: problemSchema },
      },
    },
    async (request) => {
      const { orderReference, rmaId, limit, cursor } = request.query
      const { tenantId } = request.caller
      if (!orderReference && !rmaId) throw new HttpFault(422, 'FIELD_MISSING', 'Give orderReference or rmaId')
      const after = Number(fromCursor(cursor) ?? 0)
      if (!Number.isSafeInteger(after))
        throw new HttpFault(422, 'CURSOR_INVALID', 'cursor: not one that this API gave')
      const versions = await ledger.rowVersions(tenantId, { orderReference, rmaId })
      const ofRow = Map.groupBy(versions, (v) => v.rowId)
      const documents = await ledger.documentsOf(tenantId, [...ofRow.keys()], after, limit)
      const changes = await changesOf(archive, versions, new Set(documents.map(({ run }) => run.id)))
      const last = documents.length === limit ? documents.at(-1) : undefined
      return {
        items: documents.map(({ run, endedAs, rows }) => ({
          ...{ documentSha256: run.documentSha256, reportRunId: run.id, reportId: run.reportId },
          ...{ marketplaceId: run.marketplaceId, source: run.source },
          observedAt: iso(run.observedAt),
          readAt: iso(run.endedAt),
          rows: rows.map(({ rowId, rowNumber, outcome }) => {
            const { orderReference, amazonRmaId } = versionBy(ofRow.get(rowId) ?? [], endedAs)
            const changed = changes.get(placeOf(run.id, rowNumber)) ?? []
            return { rowId, rowNumber, outcome, orderReference, amazonRmaId, changes: [...changed] }
          }),
        })),
        nextCursor: last ? toCursor(String(last.endedAs)) : null,
      }
    },
  )
}

/** The version of a row that was the newest when a run ended. */
const versionBy = (versions: readonly RowVersion[], endedAs: number): RowVersion =>
  versions.findLast((v) => v.endedAs <= endedAs) ?? (versions[0] as RowVersion)
