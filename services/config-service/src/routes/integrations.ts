import { knownReasons, marketplaceById } from '@backhaul/domain'
import { HttpFault, problemSchema, type RestApi } from '@backhaul/http'
import { SpApi } from '@backhaul/sp-api'
import { z } from 'zod'
import type { Authorisations } from '../authorisations.ts'
import type { Integrations } from '../integrations.ts'
import { changedIntegration, integration, newIntegration, snapshot } from '../rules/settings.ts'

const id = z.object({ id: z.string() })
const read = { scopes: ['config:read'] as const }
const write = { scopes: ['config:write'] as const }
const problems = { 404: problemSchema, 422: problemSchema }
const tags = ['Integrations']

const marketplaceMapping = z.object({
  mappings: z
    .array(z.strictObject({ marketplaceId: z.string(), channelId: z.string().nullable() }))
    .describe('Marketplaces that are not named, or have null, are not imported'),
})
const reasonMapping = z.object({
  mappings: z
    .array(z.strictObject({ amazonReason: z.string().trim().min(1), returnReasonId: z.string().nullable() }))
    .describe('Reasons in any spelling; those that are not named stay unmapped'),
})
const ETAG = /^"?(\d+)"?$/

/** Integrations: settings, mappings, versions, authorisation. */
export function integrationRoutes(
  api: RestApi,
  integrations: Integrations,
  authorisations: Authorisations,
  amazonUrl: string | undefined,
): void {
  api.get(
    '/v1/integration-types',
    {
      config: read,
      schema: {
        summary: 'List the types of integrations',
        tags,
        response: { 200: z.array(z.object({ type: z.string(), name: z.string() })) },
      },
    },
    async () => [{ type: 'amazon-selling-partner', name: 'Amazon Selling Partner' }],
  )
  api.post(
    '/v1/integrations',
    {
      config: write,
      schema: {
        summary: 'Create an integration',
        tags,
        body: newIntegration,
        response: { 201: integration, ...problems },
      },
    },
    async (request, reply) => reply.code(201).send(await integrations.create(request.caller, request.body)),
  )
  api.get(
    '/v1/integrations',
    { config: read, schema: { summary: 'List integrations', tags, response: { 200: z.array(integration) } } },
    async (request) => integrations.list(request.caller.tenantId),
  )
  api.get(
    '/v1/integrations/:id',
    {
      config: read,
      schema: {
        summary: 'Read an integration',
        tags,
        params: id,
        response: { 200: integration, ...problems },
      },
    },
    async (request, reply) => {
      const found = await integrations.get(request.caller.tenantId, request.params.id)
      return reply.header('etag', `"${found.version}"`).send(found)
    },
  )
  api.patch(
    '/v1/integrations/:id',
    {
      config: write,
      schema: {
        summary: 'Change settings; makes a new version',
        tags,
        params: id,
        headers: z.object({ 'if-match': z.string().regex(ETAG).optional() }),
        body: changedIntegration,
        response: { 200: integration, 412: problemSchema, ...problems },
      },
    },
    async (request) => {
      const expected = ETAG.exec(request.headers['if-match'] ?? '')?.[1]
      return integrations.change(
        request.caller,
        request.params.id,
        request.body,
        expected ? Number(expected) : null,
      )
    },
  )
  api.get(
    '/v1/integrations/:id/versions',
    {
      config: read,
      schema: {
        summary: 'List all versions',
        tags,
        params: id,
        response: { 200: z.array(snapshot), ...problems },
      },
    },
    async (request) => integrations.versions(request.caller.tenantId, request.params.id),
  )
  api.get(
    '/v1/integrations/:id/versions/:version',
    {
      config: read,
      schema: {
        summary: 'Read one version; it never changes',
        tags,
        params: id.extend({ version: z.coerce.number().int().min(1) }),
        response: { 200: snapshot, ...problems },
      },
    },
    async (request) =>
      integrations.version(request.caller.tenantId, request.params.id, request.params.version),
  )

  api.get(
    '/v1/integrations/:id/marketplace-mapping',
    {
      config: read,
      schema: {
        summary: 'Read the marketplace mapping',
        tags,
        params: id,
        response: { 200: marketplaceMapping, ...problems },
      },
    },
    async (request) => ({
      mappings: (await integrations.get(request.caller.tenantId, request.params.id)).marketplaces,
    }),
  )
  api.put(
    '/v1/integrations/:id/marketplace-mapping',
    {
      config: write,
      schema: {
        summary: 'Map marketplaces to sales channels; makes a new version',
        tags,
        params: id,
        body: marketplaceMapping,
        response: { 200: integration, ...problems },
      },
    },
    async (request) => integrations.mapMarketplaces(request.caller, request.params.id, request.body.mappings),
  )
  api.get(
    '/v1/integrations/:id/reason-mapping',
    {
      config: read,
      schema: {
        summary: 'Read the reason mapping',
        tags,
        params: id,
        response: { 200: reasonMapping, ...problems },
      },
    },
    async (request) => ({
      mappings: (await integrations.get(request.caller.tenantId, request.params.id)).reasons,
    }),
  )
  api.put(
    '/v1/integrations/:id/reason-mapping',
    {
      config: write,
      schema: {
        summary: "Map Amazon's reasons to return reasons; makes a new version, imported returns keep theirs",
        tags,
        params: id,
        body: reasonMapping,
        response: { 200: integration, ...problems },
      },
    },
    async (request) => integrations.mapReasons(request.caller, request.params.id, request.body.mappings),
  )
  api.get(
    '/v1/integrations/:id/amazon-reasons',
    {
      config: read,
      schema: {
        summary: "List Amazon's known return reasons and what they are mapped to",
        tags,
        params: id,
        response: {
          200: z.array(
            z.object({
              code: z.string(),
              words: z.string(),
              group: z.string(),
              returnReasonId: z.string().nullable(),
            }),
          ),
          ...problems,
        },
      },
    },
    async (request) => {
      const { reasons } = await integrations.get(request.caller.tenantId, request.params.id)
      const mapped = new Map(reasons.map((r) => [r.amazonReason, r.returnReasonId]))
      return knownReasons.map((known) => ({ ...known, returnReasonId: mapped.get(known.code) ?? null }))
    },
  )

  api.put(
    '/v1/integrations/:id/authorisation',
    {
      config: write,
      schema: {
        summary: "Store the seller's authorisation; it is encrypted and never readable",
        tags,
        params: id,
        body: z.strictObject({ sellerId: z.string().trim().min(1), refreshToken: z.string().trim().min(1) }),
        response: { 200: integration, ...problems },
      },
    },
    async (request) => {
      const { tenantId } = request.caller
      await authorisations.store(
        tenantId,
        request.params.id,
        request.body.sellerId,
        request.body.refreshToken,
      )
      return integrations.get(tenantId, request.params.id)
    },
  )
  api.get(
    '/v1/integrations/:id/marketplaces',
    {
      config: read,
      schema: {
        summary: "List the account's marketplaces, as Amazon tells them, with the channel each is mapped to",
        tags,
        params: id,
        response: {
          200: z.array(
            z.object({
              marketplaceId: z.string(),
              country: z.string(),
              name: z.string(),
              channelId: z.string().nullable(),
            }),
          ),
          409: problemSchema,
          503: problemSchema,
          ...problems,
        },
      },
    },
    async (request) => {
      const found = await integrations.get(request.caller.tenantId, request.params.id)
      if (found.state === 'unauthorised') {
        throw new HttpFault(
          409,
          'NOT_AUTHORISED',
          `Integration ${found.id} has no authorisation yet: store one first`,
        )
      }
      const accessToken = async () => (await authorisations.accessToken(found.id)).accessToken
      const participations = await new SpApi({
        region: found.region,
        accessToken,
        amazonUrl,
      }).marketplaceParticipations()
      return participations.flatMap(({ marketplaceId, isParticipating }) => {
        const known = marketplaceById(marketplaceId)
        if (!isParticipating || !known) return []
        const channelId = found.marketplaces.find((m) => m.marketplaceId === marketplaceId)?.channelId ?? null
        return [{ marketplaceId, country: known.country, name: known.name, channelId }]
      })
    },
  )
}
