import type { FastifyPluginAsync } from 'fastify'
import type { Health } from './health.ts'
import type { Metrics } from './metrics.ts'

/** `/live`: the process answers. `/ready`: 503 with the reasons until every part is ready. `/metrics`: Prometheus text. */
export const probes: FastifyPluginAsync<{ health: Health; metrics: Metrics }> = async (
  http,
  { health, metrics },
) => {
  // Kept out of the OpenAPI page: these are for operators, not for callers.
  const schema = { hide: true } as object
  http.get('/live', { schema }, async () => ({ status: 'live' }))
  http.get('/ready', { schema }, async (_request, reply) => {
    const reasons = health.reasons
    if (Object.keys(reasons).length === 0) return { status: 'ready' }
    return reply.code(503).send({ status: 'not ready', reasons })
  })
  http.get('/metrics', { schema }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  )
}
