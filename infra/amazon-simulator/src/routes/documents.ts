import type { FastifyPluginAsync } from 'fastify'
import type { Simulation } from '../simulation.ts'

const EXPIRED =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>'

/** Documents at their addresses, as a storage service answers. */
export const documents: FastifyPluginAsync<{ simulation: Simulation }> = async (http, { simulation }) => {
  http.get<{ Params: { key: string } }>('/documents/:key', async (request, reply) => {
    const address = simulation.addresses.get(request.params.key)
    const document = address && simulation.documents.get(address.documentId)
    if (!document || address.until < Date.now()) return reply.code(403).type('application/xml').send(EXPIRED)
    const charset = document.charset ? `; charset=${document.charset}` : ''
    return reply.header('content-type', `text/plain${charset}`).send(document.bytes)
  })
}
