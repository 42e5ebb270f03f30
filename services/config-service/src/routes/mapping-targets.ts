import { idText, problemSchema, type RestApi, text } from '@backhaul/http'
import { z } from 'zod'
import type { Channel, MappingTargets, ReturnReason } from '../mapping-targets.ts'
import { idempotencyKey } from './idempotency-key.ts'

const target = {
  id: z.string(),
  name: z.string(),
  createdAt: z.string(),
  deletedAt: z.string().nullable().describe('Null while it is in use; a deleted one is still told by its id'),
}
const channel = z.object(target)
const reason = z.object({ ...target, code: z.string() })
const params = z.object({ id: idText })
const read = { scopes: ['config:read'] as const }
const write = { scopes: ['config:write'] as const }
const refused = { 409: problemSchema, 422: problemSchema }
const missing = { 404: problemSchema, 422: problemSchema }

/** Sales channels and return reasons: what mappings point to. */
export function targetRoutes(
  api: RestApi,
  channels: MappingTargets<Channel>,
  reasons: MappingTargets<ReturnReason>,
): void {
  const channelTags = ['Channels']
  api.post(
    '/v1/channels',
    {
      config: write,
      schema: {
        summary: 'Create a sales channel',
        tags: channelTags,
        headers: z.object(idempotencyKey),
        body: z.strictObject({ name: text(200) }),
        response: { 201: channel, ...refused },
      },
    },
    async ({ caller, headers, body }, reply) =>
      reply
        .code(201)
        .send(await channels.create({ ...caller, idempotencyKey: headers['idempotency-key'] }, body)),
  )
  api.get(
    '/v1/channels',
    {
      config: read,
      schema: {
        summary: 'List the sales channels in use, by name; at most 1,000',
        tags: channelTags,
        response: { 200: z.array(channel) },
      },
    },
    ({ caller }) => channels.list(caller.tenantId),
  )
  api.get(
    '/v1/channels/:id',
    {
      config: read,
      schema: {
        summary: 'Read a sales channel, also a deleted one',
        tags: channelTags,
        params,
        response: { 200: channel, ...missing },
      },
    },
    ({ caller, params }) => channels.get(caller.tenantId, params.id),
  )
  api.delete(
    '/v1/channels/:id',
    {
      config: write,
      schema: {
        summary: 'Delete a sales channel; refused while a marketplace is mapped to it',
        tags: channelTags,
        params,
        response: { 204: z.null(), ...missing, 409: problemSchema },
      },
    },
    async ({ caller, params }, reply) => {
      await channels.delete(caller.tenantId, params.id)
      return reply.code(204).send(null)
    },
  )

  const reasonTags = ['Return reasons']
  api.post(
    '/v1/return-reasons',
    {
      config: write,
      schema: {
        summary: 'Create a return reason',
        tags: reasonTags,
        headers: z.object(idempotencyKey),
        body: z.strictObject({ code: text(200), name: text(200) }),
        response: { 201: reason, ...refused },
      },
    },
    async ({ caller, headers, body }, reply) =>
      reply
        .code(201)
        .send(await reasons.create({ ...caller, idempotencyKey: headers['idempotency-key'] }, body)),
  )
  api.get(
    '/v1/return-reasons',
    {
      config: read,
      schema: {
        summary: 'List the return reasons in use, by code; at most 1,000',
        tags: reasonTags,
        response: { 200: z.array(reason) },
      },
    },
    ({ caller }) => reasons.list(caller.tenantId),
  )
  api.get(
    '/v1/return-reasons/:id',
    {
      config: read,
      schema: {
        summary: 'Read a return reason, also a deleted one',
        tags: reasonTags,
        params,
        response: { 200: reason, ...missing },
      },
    },
    ({ caller, params }) => reasons.get(caller.tenantId, params.id),
  )
  api.delete(
    '/v1/return-reasons/:id',
    {
      config: write,
      schema: {
        summary: 'Delete a return reason; refused while a reason is mapped to it',
        tags: reasonTags,
        params,
        response: { 204: z.null(), ...missing, 409: problemSchema },
      },
    },
    async ({ caller, params }, reply) => {
      await reasons.delete(caller.tenantId, params.id)
      return reply.code(204).send(null)
    },
  )
}
