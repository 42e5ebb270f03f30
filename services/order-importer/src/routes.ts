import { notFound, problemSchema, type RestApi } from '@backhaul/http'
import { z } from 'zod'
import type { Channels } from './adapters/channels.ts'
import { refuseFaults } from './errors.ts'
import type { OrderPipeline } from './pipeline.ts'
import { channelId, type GivenSalesOrder, orderReference, toTakenOrder } from './sales-order.ts'
import { MOST_BYTES, MOST_ORDERS, readNdjson, readOrders } from './steps/read-orders.ts'

const imported = z.object({
  accepted: z.number().int().describe('Published'),
  unchanged: z.number().int().describe('Published before with the same content'),
  stale: z
    .number()
    .int()
    .describe('Older than what is published, or than another order of the call; left out'),
})
const config = { scopes: ['orders:write'] as const }
const tags = ['Sales orders']

/** Sales orders by REST. */
export function orderRoutes(api: RestApi, pipeline: OrderPipeline, channels: Channels): void {
  const limits = { parseAs: 'string', bodyLimit: MOST_BYTES } as const
  api.addContentTypeParser('application/x-ndjson', limits, async (_request: unknown, body: string) =>
    readNdjson(body),
  )

  api.post(
    '/v1/sales-orders',
    {
      bodyLimit: MOST_BYTES,
      config,
      schema: {
        summary: 'Give sales orders',
        description: `An order, a JSON array of orders, or NDJSON (application/x-ndjson); at most ${MOST_ORDERS} orders, 512 KiB each, 10 MiB in all. All faults are told by place; with any fault nothing is taken. Sending the same orders again is harmless.`,
        tags,
        consumes: ['application/json', 'application/x-ndjson'],
        response: {
          200: imported,
          400: problemSchema,
          413: problemSchema,
          415: problemSchema,
          422: problemSchema,
        },
      },
    },
    async ({ caller: { tenantId }, body }) => {
      const orders = readOrders(body)
      await refuseUnknownChannels(tenantId, orders)
      return pipeline.import(
        tenantId,
        orders.map((order) => toTakenOrder(order, tenantId)),
      )
    },
  )

  api.delete(
    '/v1/sales-orders/:orderReference',
    {
      config,
      schema: {
        summary: 'Delete a sales order of a channel',
        tags,
        params: z.object({ orderReference }),
        querystring: z.strictObject({ channelId }),
        response: { 204: z.null(), 404: problemSchema, 422: problemSchema },
      },
    },
    async ({ caller, params, query }, reply) => {
      const deleted = await pipeline.delete(caller.tenantId, params.orderReference, query.channelId)
      if (!deleted) throw notFound(`Sales order ${params.orderReference} in channel ${query.channelId}`)
      return reply.code(204).send(null)
    },
  )

  async function refuseUnknownChannels(tenantId: string, orders: readonly GivenSalesOrder[]): Promise<void> {
    const ids = orders.map((order) => order.channelId)
    const unknown = await channels.unknown(tenantId, ids)
    const faults = ids.flatMap((id, n) => {
      const detail = `channel ${id} does not exist: create it first`
      return unknown.has(id) ? [{ pointer: `/body/${n}/channelId`, detail }] : []
    })
    refuseFaults('CHANNEL_UNKNOWN', faults)
  }
}
