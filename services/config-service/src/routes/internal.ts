import { notFound, problemSchema, type RestApi } from '@backhaul/http'
import { z } from 'zod'
import type { ApiKeys } from '../api-keys.ts'
import type { Authorisations } from '../authorisations.ts'
import type { Integrations } from '../integrations.ts'
import { integration } from '../rules/settings.ts'

const internal = { scopes: ['tokens:issue'] as const }
const tags = ['Internal']

/** What Backhaul's own services ask for. */
export function internalRoutes(
  api: RestApi,
  integrations: Integrations,
  authorisations: Authorisations,
  keys: ApiKeys,
): void {
  api.get(
    '/v1/internal/integrations',
    {
      config: internal,
      schema: { summary: 'All integrations of all tenants', tags, response: { 200: z.array(integration) } },
    },
    async () => integrations.list('*'),
  )
  api.post(
    '/v1/internal/integrations/:id/access-token',
    {
      config: internal,
      schema: {
        summary: 'An access token for Amazon',
        tags,
        params: z.object({ id: z.string() }),
        body: z.strictObject({ refused: z.boolean().default(false).describe('Amazon refused the last one') }),
        response: {
          200: z.object({ accessToken: z.string(), expiresAt: z.string() }),
          409: problemSchema,
          503: problemSchema,
        },
      },
    },
    async (request) => {
      if (request.body.refused) authorisations.forget(request.params.id)
      return authorisations.accessToken(request.params.id)
    },
  )
  api.post(
    '/v1/internal/api-keys/verify',
    {
      config: internal,
      schema: {
        summary: 'Whose API key it is',
        tags,
        body: z.strictObject({ apiKey: z.string() }),
        response: {
          200: z.object({ keyId: z.string(), tenantId: z.string(), scopes: z.array(z.string()) }),
          404: problemSchema,
        },
      },
    },
    async (request) => {
      const caller = await keys.verify(request.body.apiKey)
      if (!caller) throw notFound('This API key')
      return { ...caller, scopes: [...caller.scopes] }
    },
  )
}
