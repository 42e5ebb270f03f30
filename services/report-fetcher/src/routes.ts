import type { Fault } from '@backhaul/domain'
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
import { z } from 'zod'
import type { Archive } from './adapters/archive.ts'
import { decoded, unpacked } from './adapters/document-text.ts'
import type { Ledger } from './adapters/ledger.ts'
import type { Integration, Settings } from './adapters/settings.ts'
import type { Events } from './events.ts'
import type { ReportRun } from './report-run.ts'
import { newRun, planIntegration } from './scheduler.ts'
import { archiveDocument } from './steps/archive-document.ts'

/** Largest file of a manual import. */
const MOST_FILE_BYTES = 256 * 1024 * 1024

const counts = z.record(z.string(), z.number().int())
const run = z.object({
  reportRunId: z.string(),
  integrationId: z.string(),
  marketplaceId: z.string(),
  reportType: z.string(),
  source: z.enum(['api', 'import']),
  state: z
    .string()
    .describe(
      'PLANNED, REQUESTED, IN_PROGRESS, READY, ARCHIVED, PUBLISHED, EMPTY, CANCELLED, FATAL, QUARANTINED',
    ),
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
  cancelledClass: z.string().nullable(),
  error: z.string().nullable(),
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
  const find = async (tenantId: string, id: string): Promise<Integration> => {
    const integration = (await settings.integrations()).find((i) => i.id === id && i.tenantId === tenantId)
    if (!integration) throw notFound(`Integration ${id}`)
    return integration
  }

  api.post(
    '/v1/imports',
    {
      config: { scopes: ['imports:write'] },
      schema: {
        summary: 'Import a returns report by hand',
        description:
          'multipart/form-data with integrationId, marketplaceId and file (TSV). The fields come before the file.',
        tags: ['Imports'],
        consumes: ['multipart/form-data'],
        response: {
          202: z.object({ reportRunId: z.string() }),
          404: problemSchema,
          409: problemSchema,
          413: problemSchema,
          422: problemSchema,
        },
      },
    },
    async (request, reply) => {
      if (!request.isMultipart())
        throw new HttpFault(
          415,
          'NOT_MULTIPART',
          'Send multipart/form-data with integrationId, marketplaceId and file',
        )
      const file = await request.file()
      const field = (name: string) => {
        const given = file?.fields[name]
        const value = given && 'value' in given ? String(given.value) : ''
        if (value === '')
          throw new HttpFault(422, 'FIELD_MISSING', `The field ${name} is missing, or comes after the file`)
        return value
      }
      if (!file) throw new HttpFault(422, 'FIELD_MISSING', 'The field file is missing')
      const integration = await find(request.caller.tenantId, field('integrationId'))
      const marketplaceId = field('marketplaceId')
      const mapped = integration.marketplaces.find((m) => m.marketplaceId === marketplaceId)
      if (!mapped) {
        throw new HttpFault(
          409,
          'MARKETPLACE_NOT_MAPPED',
          `Marketplace ${marketplaceId} is not mapped to a channel: map it first`,
        )
      }
      const { sha256, bytes } = await archiveDocument(archive, decoded(unpacked(file.file), null)).catch(
        asRefusal,
      )
      const at = now()
      const imported: ReportRun = {
        ...newRun(integration, marketplaceId, mapped.channelId, at),
        source: 'import',
        state: 'ARCHIVED',
        observedAt: at,
        documentSha256: sha256,
        bytes,
      }
      await ledger.insert([imported])
      events.planned([imported])
      return reply.code(202).send({ reportRunId: imported.id })
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
    '/v1/report-runs',
    {
      config: { scopes: ['reports:read'] },
      schema: {
        summary: 'List report runs, newest first',
        tags: ['Report runs'],
        querystring: z.object({
          integrationId: z.string().optional(),
          state: z.string().optional(),
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
        response: { 202: z.object({ reportRunIds: z.array(z.string()) }), 404: problemSchema },
      },
    },
    async (request, reply) => {
      const integration = await find(request.caller.tenantId, request.params.id)
      const planned = await planIntegration(integration, ledger, now(), true)
      events.planned(planned)
      return reply.code(202).send({ reportRunIds: planned.map((r) => r.id) })
    },
  )
}

function asRefusal(error: Fault): never {
  if (error.code?.startsWith('DOCUMENT_')) throw new HttpFault(422, error.code, error.message)
  throw error
}

const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())

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
  cancelledClass: r.cancelledClass,
  error: r.error,
})
