import { HttpFault, notFound, type ProblemAt, problemSchema, type RestApi } from '@backhaul/http'
import { z } from 'zod'
import type { Channels } from './adapters/channels.ts'
import type { OrderPipeline } from './pipeline.ts'
import { type GivenSalesOrder, givenSalesOrder, toSalesOrder } from './sales-order.ts'

const MOST_ORDERS = 1_000
const MOST_BYTES = 10 * 1024 * 1024

const imported = z.object({
  accepted: z.number().int().describe('Published'),
  unchanged: z.number().int().describe('Published before with the same content'),
  stale: z.number().int().describe('Older than what is published; left out'),
})

/** Sales orders by REST. */
export function orderRoutes(
  api: RestApi,
  pipeline: OrderPipeline,
  channels: Channels,
  now: () => number,
): void {
  api.addContentTypeParser(
    'application/x-ndjson',
    { parseAs: 'string', bodyLimit: MOST_BYTES },
    (_request, body, done) => {
      try {
        done(null, fromNdjson(String(body)))
      } catch (error) {
        done(error as Error)
      }
    },
  )

  api.post(
    '/v1/sales-orders',
    {
      bodyLimit: MOST_BYTES,
      config: { scopes: ['orders:write'] },
      schema: {
        summary: 'Give sales orders',
        description: `A JSON array of orders, or NDJSON (application/x-ndjson), at most ${MOST_ORDERS} orders and 10 MiB. All faults are listed by position; with any fault nothing is taken.`,
        tags: ['Sales orders'],
        consumes: ['application/json', 'application/x-ndjson'],
        response: { 200: imported, 413: problemSchema, 422: problemSchema, 503: problemSchema },
      },
    },
    async (request) => {
      const { tenantId } = request.caller
      const orders = validated(request.body)
      const wanted = orders.map((o) => o.channelId)
      const unknown = await channels.unknown(tenantId, request.headers.authorization ?? '', wanted)
      const misplaced = orders.flatMap((order, n) =>
        unknown.includes(order.channelId)
          ? [
              {
                pointer: `/body/${n}/channelId`,
                detail: `channel ${order.channelId} does not exist: create it first`,
              },
            ]
          : [],
      )
      refuse('CHANNEL_UNKNOWN', misplaced)
      const at = now()
      return pipeline.import(
        tenantId,
        orders.map((order) => toSalesOrder(order, tenantId, at)),
        at,
      )
    },
  )

  api.delete(
    '/v1/sales-orders/:orderReference',
    {
      config: { scopes: ['orders:write'] },
      schema: {
        summary: 'Delete a sales order of a channel',
        tags: ['Sales orders'],
        params: z.object({ orderReference: z.string() }),
        querystring: z.object({ channelId: z.string() }),
        response: { 204: z.null(), 404: problemSchema, 503: problemSchema },
      },
    },
    async (request, reply) => {
      const { orderReference } = request.params
      const { channelId } = request.query
      const deleted = await pipeline.delete(request.caller.tenantId, orderReference, channelId, now())
      if (!deleted) throw notFound(`Sales order ${orderReference} in channel ${channelId}`)
      return reply.code(204).send(null)
    },
  )
}

function validated(body: unknown): GivenSalesOrder[] {
  const given = Array.isArray(body) ? body : [body]
  if (given.length > MOST_ORDERS) {
    throw new HttpFault(
      413,
      'TOO_MANY_ORDERS',
      `${given.length} orders in one call; send at most ${MOST_ORDERS}`,
    )
  }
  const orders: GivenSalesOrder[] = []
  const faults: ProblemAt[] = []
  for (const [n, one] of given.entries()) {
    const parsed = givenSalesOrder.safeParse(one)
    if (parsed.success) orders.push(parsed.data)
    // Messages of zod name properties and rules, never values.
    else
      faults.push(
        ...parsed.error.issues.map((i) => ({
          pointer: ['/body', n, ...i.path].join('/'),
          detail: i.message,
        })),
      )
  }
  refuse('REQUEST_INVALID', faults)
  return orders
}

function refuse(code: string, faults: readonly ProblemAt[]): void {
  if (faults.length === 0) return
  const shown = faults.slice(0, 5).map((f) => `${f.pointer} ${f.detail}`)
  const more = faults.length > shown.length ? ` and ${faults.length - shown.length} more` : ''
  throw new HttpFault(
    422,
    code,
    `Nothing was taken; ${faults.length} fault(s): ${shown.join('; ')}${more}`,
    faults,
  )
}

function fromNdjson(text: string): unknown[] {
  return text.split('\n').flatMap((line, n) => {
    if (line.trim() === '') return []
    try {
      return [JSON.parse(line)]
    } catch {
      throw new HttpFault(422, 'NDJSON_INVALID', `Line ${n + 1} is no JSON; nothing was taken`)
    }
  })
}
