import { randomUUID } from 'node:crypto'
import { HttpFault, notFound, problemSchema, type RestApi } from '@backhaul/http'
import type { Knex } from 'knex'
import { z } from 'zod'

const channel = z.object({ id: z.string(), name: z.string(), createdAt: z.string() })
const reason = z.object({ id: z.string(), code: z.string(), name: z.string() })
const name = z.string().trim().min(1).max(200)
const id = z.object({ id: z.string() })
const read = { scopes: ['config:read'] as const }
const write = { scopes: ['config:write'] as const }
const UNIQUE_VIOLATION = '23505'

/** Sales channels and return reasons: the targets of mappings. */
export function listRoutes(api: RestApi, db: Knex): void {
  const toChannel = (row: { id: string; name: string; created_at: Date }) => ({
    id: row.id,
    name: row.name,
    createdAt: row.created_at.toISOString(),
  })

  api.post(
    '/v1/channels',
    {
      config: write,
      schema: {
        summary: 'Create a sales channel',
        tags: ['Channels'],
        body: z.strictObject({ name }),
        response: { 201: channel, 409: problemSchema, 422: problemSchema },
      },
    },
    async (request, reply) => {
      const row = { id: `ch_${randomUUID()}`, tenant_id: request.caller.tenantId, name: request.body.name }
      const [saved] = await unique(
        db('channels').insert(row).returning('*'),
        `A channel called ${row.name} exists`,
      )
      return reply.code(201).send(toChannel(saved))
    },
  )
  api.get(
    '/v1/channels',
    {
      config: read,
      schema: { summary: 'List sales channels', tags: ['Channels'], response: { 200: z.array(channel) } },
    },
    async (request) => {
      const rows = await db('channels').where({ tenant_id: request.caller.tenantId }).orderBy('name')
      return rows.map(toChannel)
    },
  )
  api.delete(
    '/v1/channels/:id',
    {
      config: write,
      schema: {
        summary: 'Delete a sales channel; refused while a marketplace is mapped to it',
        tags: ['Channels'],
        params: id,
        response: { 204: z.null(), 404: problemSchema, 409: problemSchema },
      },
    },
    async (request, reply) => {
      const { tenantId } = request.caller
      await db.transaction(async (tx) => {
        const found = await tx('channels')
          .where({ id: request.params.id, tenant_id: tenantId })
          .forUpdate()
          .first()
        if (!found) throw notFound(`Channel ${request.params.id}`)
        const users = await usersOf(tx, tenantId, 'marketplaces', { channelId: found.id })
        if (users.length > 0) {
          const message = `Channel ${found.name} is mapped in ${users.join(', ')}: map those marketplaces elsewhere first`
          throw new HttpFault(409, 'CHANNEL_IN_USE', message)
        }
        await tx('channels').where({ id: found.id }).delete()
      })
      return reply.code(204).send(null)
    },
  )

  api.post(
    '/v1/return-reasons',
    {
      config: write,
      schema: {
        summary: 'Create a return reason',
        tags: ['Return reasons'],
        body: z.strictObject({ code: name, name }),
        response: { 201: reason, 409: problemSchema, 422: problemSchema },
      },
    },
    async (request, reply) => {
      const row = { id: `rr_${randomUUID()}`, tenant_id: request.caller.tenantId, ...request.body }
      const insert = db('return_reasons').insert(row).returning(['id', 'code', 'name'])
      const [saved] = await unique(insert, `A return reason with code ${row.code} exists`)
      return reply.code(201).send(saved)
    },
  )
  api.get(
    '/v1/return-reasons',
    {
      config: read,
      schema: {
        summary: 'List return reasons',
        tags: ['Return reasons'],
        response: { 200: z.array(reason) },
      },
    },
    async (request) =>
      db('return_reasons')
        .where({ tenant_id: request.caller.tenantId })
        .orderBy('code')
        .select('id', 'code', 'name'),
  )
  api.delete(
    '/v1/return-reasons/:id',
    {
      config: write,
      schema: {
        summary: 'Delete a return reason; refused while a reason is mapped to it',
        tags: ['Return reasons'],
        params: id,
        response: { 204: z.null(), 404: problemSchema, 409: problemSchema },
      },
    },
    async (request, reply) => {
      const { tenantId } = request.caller
      await db.transaction(async (tx) => {
        const found = await tx('return_reasons')
          .where({ id: request.params.id, tenant_id: tenantId })
          .forUpdate()
          .first()
        if (!found) throw notFound(`Return reason ${request.params.id}`)
        const users = await usersOf(tx, tenantId, 'reasons', { returnReasonId: found.id })
        if (users.length > 0) {
          throw new HttpFault(
            409,
            'RETURN_REASON_IN_USE',
            `Return reason ${found.code} is mapped in ${users.join(', ')}`,
          )
        }
        await tx('return_reasons').where({ id: found.id }).delete()
      })
      return reply.code(204).send(null)
    },
  )
}

/** Names of integrations whose latest version maps to something. */
function usersOf(
  tx: Knex,
  tenantId: string,
  list: 'marketplaces' | 'reasons',
  entry: object,
): Promise<string[]> {
  return tx('integrations as i')
    .join('integration_versions as v', (on) =>
      on.on('v.integration_id', 'i.id').andOn('v.version', 'i.version'),
    )
    .where('i.tenant_id', tenantId)
    .whereRaw('v.settings -> ? @> ?::jsonb', [list, JSON.stringify([entry])])
    .pluck(tx.raw("v.settings ->> 'name'") as never)
}

async function unique<T>(insert: PromiseLike<T>, message: string): Promise<T> {
  try {
    return await insert
  } catch (error) {
    if ((error as { code?: string }).code === UNIQUE_VIOLATION)
      throw new HttpFault(409, 'NAME_TAKEN', `${message} already`)
    throw error
  }
}
