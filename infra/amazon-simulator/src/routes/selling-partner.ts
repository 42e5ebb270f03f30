import { randomUUID } from 'node:crypto'
import { marketplaceById } from '@backhaul/domain'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { demoSeller } from '../demo-seller.ts'
import type { SimulatedReport, Simulation } from '../simulation.ts'
import type { Throttle } from '../throttle.ts'
import { amazonError } from './amazon-error.ts'

const REPORT_TYPES = new Set([
  'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE',
  'GET_XML_RETURNS_DATA_BY_RETURN_DATE',
])
const QUOTA = 'You exceeded your quota for the requested resource.'
const DENIED = 'Access to requested resource is denied.'

interface Options {
  readonly simulation: Simulation
  readonly throttle: Throttle
  /** Base of document addresses; known once the server listens. */
  readonly baseUrl: () => string
}

/** The Selling Partner API calls that Backhaul uses: Reports 2021-06-30 and Sellers v1. */
export const sellingPartner: FastifyPluginAsync<Options> = async (
  http,
  { simulation, throttle, baseUrl },
) => {
  /** Runs one operation behind token check, quota and planned faults. */
  const operation =
    <B>(name: string, answer: (request: FastifyRequest, reply: FastifyReply) => B | Promise<B>) =>
    async (request: FastifyRequest, reply: FastifyReply) => {
      simulation.calls.push({
        at: new Date().toISOString(),
        operation: name,
        body: request.body ?? request.query,
      })
      reply.header('x-amzn-RequestId', randomUUID())
      const token = String(request.headers['x-amz-access-token'] ?? '')
      const until = simulation.accessTokens.get(token)
      if (!until)
        return amazonError(
          reply,
          403,
          'Unauthorized',
          DENIED,
          'Access token is missing in the request header.',
        )
      if (until < Date.now()) {
        return amazonError(reply, 403, 'Unauthorized', DENIED, 'The access token you provided has expired.')
      }
      const fault = simulation.takeFault(name)
      if (fault === 'throttle' || !throttle.take(name)) return amazonError(reply, 429, 'QuotaExceeded', QUOTA)
      if (fault === 'failure')
        return amazonError(
          reply,
          500,
          'InternalFailure',
          'We encountered an internal error. Please try again.',
        )
      if (fault === 'html')
        return reply.code(503).type('text/html').send('<html><body>Service Unavailable</body></html>')
      if (fault === 'cut-before') return cut(request, reply)
      const rate = throttle.rateOf(name)
      if (rate !== null) reply.header('x-amzn-RateLimit-Limit', String(rate))
      const result = await answer(request, reply)
      if (fault === 'cut-after') return cut(request, reply)
      return result
    }

  http.get(
    '/sellers/v1/marketplaceParticipations',
    operation('getMarketplaceParticipations', () => ({
      payload: demoSeller.marketplaces.map((id) => {
        const m = marketplaceById(id)
        return {
          marketplace: {
            id,
            name: `Amazon.${m?.domain.replace(/^amazon\./, '')}`,
            countryCode: m?.country,
            defaultCurrencyCode: m?.currency,
            defaultLanguageCode: 'en_US',
            domainName: `www.${m?.domain}`,
          },
          participation: { isParticipating: true, hasSuspendedListings: false },
          storeName: 'Demo',
        }
      }),
    })),
  )

  http.post(
    '/reports/2021-06-30/reports',
    operation('createReport', (request, reply) => {
      const body = (request.body ?? {}) as Partial<SimulatedReport>
      const fault = faultOf(body)
      if (fault) return amazonError(reply, 400, 'InvalidInput', fault)
      const reportId = simulation.createReport(body as SimulatedReport)
      reply.code(202)
      return { reportId }
    }),
  )

  http.get(
    '/reports/2021-06-30/reports',
    operation('getReports', (request, reply) => {
      const query = request.query as Record<string, string | undefined>
      const types = query.reportTypes?.split(',')
      if (!types) return amazonError(reply, 400, 'InvalidInput', 'reportTypes or nextToken is required')
      const marketplaces = query.marketplaceIds?.split(',')
      const since = Date.parse(query.createdSince ?? '1970-01-01T00:00:00Z')
      const reports = [...simulation.reports.values()]
        .filter((r) => types.includes(r.reportType) && r.createdAt >= since)
        .filter((r) => !marketplaces || r.marketplaceIds.some((m) => marketplaces.includes(m)))
        .sort((a, b) => b.createdAt - a.createdAt)
      return { reports: reports.slice(0, Number(query.pageSize ?? 10)).map((r) => toReport(simulation, r)) }
    }),
  )

  http.get<{ Params: { id: string } }>(
    '/reports/2021-06-30/reports/:id',
    operation('getReport', (request, reply) => {
      const report = simulation.reports.get((request.params as { id: string }).id)
      return report ? toReport(simulation, report) : amazonError(reply, 404, 'NotFound', 'Report not found')
    }),
  )

  http.delete<{ Params: { id: string } }>(
    '/reports/2021-06-30/reports/:id',
    operation('cancelReport', (request, reply) => {
      const report = simulation.reports.get((request.params as { id: string }).id)
      if (!report) return amazonError(reply, 404, 'NotFound', 'Report not found')
      if (simulation.statusOf(report) !== 'IN_QUEUE')
        return amazonError(reply, 400, 'InvalidInput', 'Report is not in queue')
      report.outcome = 'CANCELLED'
      report.held = false
      return ''
    }),
  )

  http.get<{ Params: { id: string } }>(
    '/reports/2021-06-30/documents/:id',
    operation('getReportDocument', (request, reply) => {
      const { id } = request.params as { id: string }
      const document = simulation.documents.get(id)
      if (!document) return amazonError(reply, 404, 'NotFound', 'Document not found')
      const url = `${baseUrl()}${simulation.addressOf(id)}`
      return { reportDocumentId: id, url, ...(document.gzip && { compressionAlgorithm: 'GZIP' }) }
    }),
  )
}

/** Cuts the connection without an answer. */
function cut(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack()
  request.raw.socket.destroy()
}

function faultOf(body: Partial<SimulatedReport>): string | null {
  if (!body.reportType || !REPORT_TYPES.has(body.reportType))
    return `Report type ${body.reportType} is not known`
  const unknown = (body.marketplaceIds ?? []).find((id) => !demoSeller.marketplaces.includes(id as never))
  if (!body.marketplaceIds?.length || unknown) return `Marketplace ${unknown} is not of this account`
  const [start, end] = [Date.parse(body.dataStartTime ?? ''), Date.parse(body.dataEndTime ?? '')]
  if (Number.isNaN(start) || Number.isNaN(end)) return 'dataStartTime and dataEndTime must be ISO 8601'
  if (end < start) return 'dataEndTime is before dataStartTime'
  return end > Date.now() ? 'dataEndTime is in the future' : null
}

function toReport(simulation: Simulation, report: SimulatedReport) {
  const status = simulation.statusOf(report)
  const iso = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, '+00:00')
  const done = status !== 'IN_QUEUE' && status !== 'IN_PROGRESS'
  const began = report.createdAt + simulation.pace.queueMs
  return {
    reportId: report.reportId,
    reportType: report.reportType,
    marketplaceIds: report.marketplaceIds,
    dataStartTime: iso(Date.parse(report.dataStartTime)),
    dataEndTime: iso(Date.parse(report.dataEndTime)),
    createdTime: iso(report.createdAt),
    processingStatus: status,
    ...(status !== 'IN_QUEUE' && { processingStartTime: iso(began) }),
    ...(done && { processingEndTime: iso(began + simulation.pace.progressMs) }),
    ...(done && report.documentId && { reportDocumentId: report.documentId }),
  }
}
