import { type Fault, marketplaceById } from '@backhaul/domain'
import {
  fromCursor,
  HttpFault,
  notFound,
  pageOf,
  pageQuery,
  problemSchema,
  type RestApi,
  toCursor,
} from '@backhaul/http'
import multipart from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Archive } from './adapters/archive.ts'
import { readDocument } from './adapters/document.ts'
import type { Ledger } from './adapters/ledger.ts'
import type { Integration, Settings } from './adapters/settings.ts'
import type { Events } from './events.ts'
import { CANCELLED_CLASSES, type ReportRun, STATES } from './report-run.ts'
import { authorised, findIntegration, notAuthorised } from './routes/find-integration.ts'
import { iso } from './routes/instants.ts'
import { newRun, planIntegration } from './scheduler.ts'
import { archiveDocument } from './steps/archive-document.ts'
import { knownElsewhere } from './steps/known-elsewhere.ts'
import { rawLine } from './steps/raw-line.ts'

/** Largest file of a manual import. */
const MOST_FILE_BYTES = 64 * 1024 * 1024

const counts = z.record(z.string(), z.number().int())
const run = z.object({
  reportRunId: z.string(),
  integrationId: z.string(),
  marketplaceId: z.string(),
  reportType: z.string(),
  source: z.enum(['api', 'import']),
  state: z.enum(STATES),
  reportId: z.string().nullable(),
  windowFrom: z.string().nullable(),
  windowTo: z.string().nullable(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  documentSha256: z.string().nullable(),
  bytes: z.number().nullable(),
  counts: z
    .object({
      rowsInDocument: z.number().int(),
      new: z.number().int(),
      changed: z.number().int(),
      unchanged: z.number().int(),
      skipped: counts,
      rejected: counts,
    })
    .nullable()
    .describe(
      'rowsInDocument = new + changed + unchanged + skipped + rejected; null until the document was read',
    ),
  rejectedRows: z
    .array(z.object({ rowNumber: z.number().int(), reason: z.string() }))
    .describe('The first 20 rows that were rejected; row 1 is the first below the header'),
  cancelledClass: z
    .enum(CANCELLED_CLASSES)
    .nullable()
    .describe(
      'Why Amazon cancelled the report; no_returns: confirmed by a wider report or by two cycles; collided on a published run: the report of a schedule or another program was read in its place',
    ),
  error: z.string().nullable().describe('What went wrong last; null again once the run went on'),
})

export interface RouteDeps {
  readonly ledger: Ledger
  readonly archive: Archive
  readonly settings: Settings
  readonly events: Events
  readonly now: () => number
}

/** Manual imports, report runs, and fetching now. */
export async function reportRoutes(
  api: RestApi,
  { ledger, archive, settings, events, now }: RouteDeps,
): Promise<void> {
  await api.register(multipart, {
    limits: { fileSize: MOST_FILE_BYTES, files: 1, fields: 10 },
    throwFileSizeLimit: true,
  })
  /** Takes an upload into the archive, as a run that is to be published. @throws HttpFault that says what is wrong. */
  const receive = async (request: FastifyRequest): Promise<ReportRun> => {
    if (!request.isMultipart())
      throw new HttpFault(
        415,
        'NOT_MULTIPART',
        'Send multipart/form-data with integrationId, marketplaceId and file',
      )
    const file = await request.file()
    if (file?.fieldname !== 'file') throw new HttpFault(422, 'FIELD_MISSING', 'The field file is missing')
    const optional = (name: string) => {
      const given = file.fields[name]
      return given && 'value' in given && given.value !== '' ? String(given.value) : null
    }
    const field = (name: string) => {
      const value = optional(name)
      if (value !== null) return value
      throw new HttpFault(422, 'FIELD_MISSING', `The field ${name} is missing, or comes after the file`)
    }
    const integration = await findIntegration(settings, request.caller.tenantId, field('integrationId'))
    const { id: marketplaceId, channelId } = mappedMarketplace(integration, field('marketplaceId'))
    const owner = authorised(integration)
    const at = now()
    const observedAt = observationOf(optional('observedAt'), at)
    const document = readDocument(
      file.file,
      { sellerId: owner.sellerId, marketplaceId, charset: null },
      { copies: true },
    )
    const { sha256, bytes, summary, orders } = await archiveDocument(archive, document).catch(asRefusal)
    if (summary.rowsInDocument === 0)
      throw new HttpFault(422, 'DOCUMENT_EMPTY', 'The file has a header and no rows: nothing to import')
    const orderedElsewhere = knownElsewhere(
      { sellerId: owner.sellerId, marketplaceId },
      await ledger.knownOrders(owner.tenantId, orders),
    )
    if (orderedElsewhere !== null) throw new HttpFault(422, 'DOCUMENT_OF_OTHER_SELLER', orderedElsewhere)
    return {
      ...newRun(owner, marketplaceId, channelId, at),
      source: 'import',
      state: 'ARCHIVED',
      observedAt,
      documentSha256: sha256,
      bytes,
      archivedAt: at,
    }
  }
  api.post(
    '/v1/imports',
    {
      config: { scopes: ['imports:write'] },
      schema: {
        summary: 'Import a returns report by hand',
        description:
          'multipart/form-data with integrationId, marketplaceId, observedAt (optional: when the file was made at Amazon, ISO 8601 with zone; default: now) and file (tab-separated, at most 64 MiB). The fields come before the file. Rows that were published from a newer document stay as they are.',
        tags: ['Imports'],
        consumes: ['multipart/form-data'],
        response: {
          202: z.object({ reportRunId: z.string() }),
          404: problemSchema,
          409: problemSchema,
          413: problemSchema,
          415: problemSchema,
          422: problemSchema,
        },
      },
    },
    async (request, reply) => {
      try {
        const imported = await receive(request)
        await ledger.insert(imported)
        events.planned([imported])
        return await reply.code(202).send({ reportRunId: imported.id })
      } finally {
        // A client that still writes would not see the answer: what was not read is thrown away.
        request.raw.unpipe().resume()
      }
    },
  )

  api.get(
    '/v1/report-runs/:id',
    {
      config: { scopes: ['reports:read'] },
      schema: {
        summary: 'Read a report run: its state and what became of each row',
        tags: ['Report runs'],
        params: z.object({ id: z.string() }),
        response: { 200: run, 404: problemSchema },
      },
    },
    async (request) => {
      const found = await ledger.find(request.caller.tenantId, request.params.id)
      if (!found) throw notFound(`Report run ${request.params.id}`)
      return toAnswer(found)
    },
  )

  api.get(
    '/v1/report-runs/:id/rows/:rowNumber',
    {
      config: { scopes: ['reports:read'] },
      schema: {
        summary: 'Read one row as it stands in the archived document',
        description: 'Events name their run and row number. Columns that may hold buyer data are taken out.',
        tags: ['Report runs'],
        params: z.object({ id: z.string(), rowNumber: z.coerce.number().int().min(1) }),
        response: {
          200: z.object({ documentSha256: z.string(), header: z.string(), line: z.string() }),
          404: problemSchema,
        },
      },
    },
    async (request) => {
      const { id, rowNumber } = request.params
      const run = await ledger.find(request.caller.tenantId, id)
      const documentSha256 = run?.documentSha256
      const found = documentSha256 ? await rawLine(archive.read(documentSha256), run, rowNumber) : null
      if (!documentSha256 || !found) throw notFound(`Row ${rowNumber} of report run ${id}`)
      return { documentSha256, ...found }
    },
  )

  api.get(
    '/v1/report-runs',
    {
      config: { scopes: ['reports:read'] },
      schema: {
        summary: 'List report runs, newest first',
        tags: ['Report runs'],
        querystring: z.object({
          integrationId: z.string().optional(),
          state: z.enum(STATES).optional(),
          ...pageQuery,
        }),
        response: { 200: pageOf(run), 422: problemSchema },
      },
    },
    async (request) => {
      const { limit, cursor, ...filter } = request.query
      const [startedAt, id] = (fromCursor(cursor) ?? '').split(' ')
      const runs = await ledger.list(
        request.caller.tenantId,
        filter,
        id ? [Number(startedAt), id] : null,
        limit,
      )
      const last = runs.length === limit ? runs.at(-1) : undefined
      return { items: runs.map(toAnswer), nextCursor: last ? toCursor(`${last.startedAt} ${last.id}`) : null }
    },
  )

  api.post(
    '/v1/integrations/:id/fetches',
    {
      config: { scopes: ['imports:write'] },
      schema: {
        summary: 'Fetch now, without waiting for the interval',
        description: 'Marketplaces whose last cycle is still running are left to it.',
        tags: ['Report runs'],
        params: z.object({ id: z.string() }),
        response: {
          202: z.object({ reportRunIds: z.array(z.string()) }),
          404: problemSchema,
          409: problemSchema,
        },
      },
    },
    async (request, reply) => {
      const integration = await findIntegration(settings, request.caller.tenantId, request.params.id)
      if (integration.state !== 'active') throw notAuthorised(integration)
      if (integration.marketplaces.length === 0)
        throw new HttpFault(
          409,
          'MARKETPLACE_NOT_MAPPED',
          'No marketplace is mapped to a channel: map one first',
        )
      const planned = await planIntegration(integration, ledger, now(), true)
      events.planned(planned)
      return reply.code(202).send({ reportRunIds: planned.map((r) => r.id) })
    },
  )
}

function mappedMarketplace(integration: Integration, given: string): { id: string; channelId: string } {
  const known = marketplaceById(given)
  if (!known) {
    const told = `marketplaceId: ${JSON.stringify(given.slice(0, 40))} is none of Amazon's, such as A1PA6795UKMFR9 (Germany)`
    throw new HttpFault(422, 'MARKETPLACE_UNKNOWN', told)
  }
  const mapped = integration.marketplaces.find((m) => m.marketplaceId === given)
  if (mapped) return { id: given, channelId: mapped.channelId }
  const told = `${known.name} (${given}) is not mapped to a channel in integration ${integration.id}: map it first`
  throw new HttpFault(409, 'MARKETPLACE_NOT_MAPPED', told)
}

/** When a file was made: as told, else now. */
function observationOf(given: string | null, now: number): number {
  if (given === null) return now
  const parsed = z.iso.datetime({ offset: true }).safeParse(given)
  const at = parsed.success ? Date.parse(parsed.data) : Number.NaN
  if (at <= now) return at
  throw new HttpFault(422, 'FIELD_INVALID', 'observedAt is no past instant such as 2026-03-01T12:00:00Z')
}

function asRefusal(error: Fault): never {
  if (error.code?.startsWith('DOCUMENT_')) throw new HttpFault(422, error.code, error.message)
  throw error
}

const toAnswer = (r: ReportRun): z.input<typeof run> => ({
  reportRunId: r.id,
  integrationId: r.integrationId,
  marketplaceId: r.marketplaceId,
  reportType: r.reportType,
  source: r.source,
  state: r.state,
  reportId: r.reportId,
  windowFrom: iso(r.windowFrom),
  windowTo: iso(r.windowTo),
  startedAt: new Date(r.startedAt).toISOString(),
  endedAt: iso(r.endedAt),
  documentSha256: r.documentSha256,
  bytes: r.bytes,
  counts: r.counts && { ...r.counts, skipped: { ...r.counts.skipped }, rejected: { ...r.counts.rejected } },
  rejectedRows: [...r.rejectedRows],
  cancelledClass: r.cancelledClass,
  error: r.error,
})
