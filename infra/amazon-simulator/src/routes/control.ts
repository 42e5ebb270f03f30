import { gzipSync } from 'node:zlib'
import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { demoSeller } from '../demo-seller.ts'
import { ordersAt } from '../sales-orders.ts'
import type { Simulation } from '../simulation.ts'

const marketplaceId = z.enum(demoSeller.marketplaces)
const row = z.record(z.string(), z.string())

const bodies = {
  clock: z.object({ days: z.number().positive() }),
  returns: z.object({ marketplaceId, rows: z.array(row) }),
  document: z.object({
    marketplaceId,
    base64: z.base64(),
    charset: z.string().nullable().default('UTF-8'),
    gzip: z.boolean().default(false),
  }),
  faults: z.object({
    operation: z.string(),
    kind: z.enum(['throttle', 'failure', 'html', 'cut-before', 'cut-after']),
    times: z.number().int().positive().default(1),
  }),
  nextReport: z.object({
    marketplaceId,
    outcome: z.enum(['DONE', 'CANCELLED', 'FATAL']).default('DONE'),
    hold: z.boolean().default(false),
  }),
  worldReturns: z.object({ included: z.boolean() }),
}

/** What a test or a person may change while the simulator runs; the README lists it with examples. */
export const control: FastifyPluginAsync<{ simulation: Simulation }> = async (http, { simulation }) => {
  http.setErrorHandler((error, _request, reply) => {
    const faults = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    return reply.code(error instanceof z.ZodError ? 422 : 500).send({ error: faults })
  })
  const time = () => ({
    now: new Date(simulation.clock.now()).toISOString(),
    daysLeft: simulation.clock.daysLeft,
  })

  http.get('/_control/clock', async () => time())
  http.post('/_control/clock', async (request, reply) => {
    const { days } = bodies.clock.parse(request.body)
    if (simulation.clock.move(days)) return time()
    return reply
      .code(409)
      .send({ error: `Only ${simulation.clock.daysLeft} days are left before real time`, ...time() })
  })
  http.get('/_control/orders', async () => ordersAt(simulation.world, simulation.clock.now()))
  http.put('/_control/returns', async (request) => {
    const { marketplaceId: id, rows } = bodies.returns.parse(request.body)
    simulation.givenRows.set(id, rows)
    return { rows: rows.length }
  })
  http.put('/_control/world-returns', async (request) => {
    simulation.worldReturns = bodies.worldReturns.parse(request.body).included
    return { included: simulation.worldReturns }
  })
  http.post('/_control/documents', async (request) => {
    const { marketplaceId: id, base64, charset, gzip } = bodies.document.parse(request.body)
    const plain = Buffer.from(base64, 'base64')
    const document = { bytes: gzip ? gzipSync(plain) : plain, charset, gzip }
    simulation.givenDocuments.set(id, [...(simulation.givenDocuments.get(id) ?? []), document])
    return { waiting: simulation.givenDocuments.get(id)?.length }
  })
  http.put('/_control/extra-columns', async (request) => {
    simulation.extraColumns = row.parse(request.body)
    return simulation.extraColumns
  })
  http.post('/_control/faults', async (request) => {
    const { operation, kind, times } = bodies.faults.parse(request.body)
    simulation.faults.push({ operation, kind, left: times })
    return simulation.faults
  })
  http.post('/_control/next-report', async (request) => {
    simulation.nextReports.push(bodies.nextReport.parse(request.body))
    return simulation.nextReports
  })
  http.post('/_control/release', async () => {
    for (const report of simulation.reports.values()) report.held = false
    return {}
  })
  http.post('/_control/revoke', async () => {
    simulation.revoked = true
    simulation.accessTokens.clear()
    return {}
  })
  http.get('/_control/calls', async () => simulation.calls)
  http.post('/_control/reset', async () => {
    simulation.reset()
    return {}
  })
}
