import type { FastifyPluginAsync } from 'fastify'
import { outcomeOfStatus } from '../calls.ts'
import type { StoredDocument } from '../documents/document-style.ts'
import { playDownload } from '../faults/play-download.ts'
import type { Simulation } from '../simulation.ts'

const EXPIRED =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>'

/** Documents at their addresses, as a storage service answers. */
export const documents: FastifyPluginAsync<{ simulation: Simulation }> = async (http, { simulation }) => {
  http.get<{ Params: { key: string } }>('/documents/:key', async (request, reply) => {
    const address = simulation.addresses.get(request.params.key)
    const document = address && simulation.documents.get(address.documentId)
    const report = [...simulation.reports.values()].find((r) => r.documentId === address?.documentId)
    const call = simulation.received('download', report?.sellerId ?? null, {
      reportDocumentId: address?.documentId,
    })
    const fault = simulation.takeFault({ operation: 'download', ...report })
    call.fault = fault?.kind ?? null
    const isExpired = !document || address.until < Date.now() || fault?.kind === 'expired'
    if (isExpired) {
      call.status = 403
      call.outcome = 'refused'
      return reply.code(403).type('application/xml').send(EXPIRED)
    }
    const headers = headersOf(document, address.encoded)
    if (fault) return playDownload(fault, { call, reply, headers, bytes: document.bytes })
    call.status = 200
    call.outcome = outcomeOfStatus(200)
    return reply.headers(headers).send(document.bytes)
  })
}

const headersOf = ({ charset, gzip }: StoredDocument, encoded: boolean): Record<string, string> => ({
  'content-type': `text/plain${charset ? `; charset=${charset}` : ''}`,
  ...(encoded && gzip && { 'content-encoding': 'gzip' }),
})
