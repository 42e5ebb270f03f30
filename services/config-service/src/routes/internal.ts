import { idText, notFound, problemSchema, type RestApi } from '@backhaul/http'
import { z } from 'zod'
import type { ApiKeys } from '../api-keys.ts'
import type { Authorisations } from '../authorisations.ts'
import type { Integrations } from '../integrations.ts'
import type { Channel, MappingTargets } from '../mapping-targets.ts'
import { integration } from '../rules/settings.ts'

const config = { scopes: ['tokens:issue'] as const }
const tags = ['Internal']

interface Deps {
  readonly integrations: Integrations
  readonly authorisations: Authorisations
  readonly keys: ApiKeys
  readonly channels: MappingTargets<Channel>
}

/** What Backhaul's own services ask for. */
export function internalRoutes(api: RestApi, { integrations, authorisations, keys, channels }: Deps): void {
  api.get(
    '/v1/internal/integrations',
    {
      config,
      schema: { summary: 'All integrations of all tenants', tags, response: { 200: z.array(integration) } },
    },
    () => integrations.list('*'),
  )
  api.get(
    '/v1/internal/tenants/:tenantId/channels',
    {
      config,
      schema: {
        summary: 'The sales channels in use of one tenant',
        tags,
        params: z.object({ tenantId: idText }),
        response: { 200: z.array(z.object({ id: z.string(), name: z.string() })), 422: problemSchema },
      },
    },
    ({ params }) => channels.list(params.tenantId),
  )
  api.get(
    '/v1/internal/tenants/:tenantId/channels/:id',
    {
      config,
      schema: {
        summary: "A tenant's sales channel, also a deleted one; its name never changes",
        tags,
        params: z.object({ tenantId: idText, id: idText }),
        response: {
          200: z.object({ id: z.string(), name: z.string() }),
          404: problemSchema,
          422: problemSchema,
        },
      },
    },
    ({ params }) => channels.get(params.tenantId, params.id),
  )
  api.post(
    '/v1/internal/integrations/:id/access-token',
    {
      config,
      schema: {
        summary: 'An access token for Amazon',
        tags,
        params: z.object({ id: idText }),
        body: z.strictObject({ refused: z.boolean().default(false).describe('Amazon refused the last one') }),
        response: {
          200: z.object({ accessToken: z.string(), expiresAt: z.string() }),
          404: problemSchema,
          409: problemSchema,
          422: problemSchema,
        },
      },
    },
    ({ params, body }) => {
      if (body.refused) authorisations.forget(params.id)
      return authorisations.accessToken(params.id)
    },
  )
  api.post(
    '/v1/internal/api-keys/verify',
    {
      config,
      schema: {
        summary: 'Whose API key it is',
        tags,
        body: z.strictObject({ apiKey: z.string() }),
        response: {
          200: z.object({ keyId: z.string(), tenantId: z.string(), scopes: z.array(z.string()) }),
          404: problemSchema,
          422: problemSchema,
        },
      },
    },
    async ({ body }) => {
      const caller = await keys.verify(body.apiKey)
      if (!caller) throw notFound('This API key')
      return { ...caller, scopes: [...caller.scopes] }
    },
  )
}
