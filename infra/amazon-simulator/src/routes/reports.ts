import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { type AskedReport, checkRequest } from '../reports/check-request.ts'
import type { Simulation } from '../simulation.ts'
import { amazonError } from './amazon-error.ts'
import { type About, operationsOf } from './operation.ts'
import { pageOfReports } from './report-page.ts'
import { toReport } from './to-report.ts'

const BASE = '/reports/2021-06-30'

interface Options {
  readonly simulation: Simulation
  /** Base of document addresses; known once the server listens. */
  readonly baseUrl: () => string
}

const idOf = (request: FastifyRequest) => (request.params as { id: string }).id

/** Reports 2021-06-30: reports and their documents. */
export const reports: FastifyPluginAsync<Options> = async (http, { simulation, baseUrl }) => {
  const operation = operationsOf(simulation)
  const { reportBook } = simulation
  const aboutReport: About = (seller, request) => reportBook.find(seller.sellerId, idOf(request)) ?? {}
  const aboutDocument: About = (seller, request) =>
    reportBook.ofSeller(seller.sellerId).find((report) => report.documentId === idOf(request)) ?? {}

  http.post(
    `${BASE}/reports`,
    operation(
      'createReport',
      ({ seller, request, reply }) => {
        const checked = checkRequest((request.body ?? {}) as AskedReport, seller, simulation.clock.now())
        if (typeof checked === 'string') return amazonError(reply, 400, 'InvalidInput', checked)
        reply.code(202)
        return { reportId: simulation.createReport(checked, { seller }) }
      },
      (_seller, request) => (request.body ?? {}) as AskedReport,
    ),
  )

  http.get(
    `${BASE}/reports`,
    operation('getReports', ({ seller, request, reply }) => {
      const page = pageOfReports(reportBook, seller.sellerId, request.query, simulation.clock.now())
      return typeof page === 'string' ? amazonError(reply, 400, 'InvalidInput', page) : page
    }),
  )

  http.get(
    `${BASE}/reports/:id`,
    operation(
      'getReport',
      ({ seller, request, reply }) => {
        const report = reportBook.find(seller.sellerId, idOf(request))
        if (!report) return amazonError(reply, 404, 'NotFound', 'Report not found')
        return toReport(report, reportBook.statusOf(report))
      },
      aboutReport,
    ),
  )

  http.delete(
    `${BASE}/reports/:id`,
    operation(
      'cancelReport',
      ({ seller, request, reply }) => {
        const report = reportBook.find(seller.sellerId, idOf(request))
        if (!report) return amazonError(reply, 404, 'NotFound', 'Report not found')
        if (!reportBook.cancel(report))
          return amazonError(reply, 400, 'InvalidInput', 'Report is not in queue')
        return ''
      },
      aboutReport,
    ),
  )

  http.get(
    `${BASE}/documents/:id`,
    operation(
      'getReportDocument',
      ({ seller, request, reply }) => {
        const id = idOf(request)
        const isOwn = 'reportId' in aboutDocument(seller, request)
        const document = isOwn ? simulation.documents.get(id) : undefined
        if (!document) return amazonError(reply, 404, 'NotFound', 'Document not found')
        const encoded = (request.query as Record<string, string>).enableContentEncodingUrlHeader === 'true'
        const url = document.address ?? `${baseUrl()}${simulation.addressOf(id, encoded)}`
        return { reportDocumentId: id, url, ...(document.gzip && { compressionAlgorithm: 'GZIP' }) }
      },
      aboutDocument,
    ),
  )
}
