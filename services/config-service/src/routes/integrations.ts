import { knownReasons, marketplaceById, marketplaces } from '@backhaul/domain'
import {
  fromCursor,
  HttpFault,
  idText,
  pageOf,
  pageQuery,
  problemSchema,
  type RestApi,
  text,
  toCursor,
} from '@backhaul/http'
import { type CallBudget, SpApi } from '@backhaul/sp-api'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import type { Authorisations } from '../authorisations.ts'
import type { Integrations } from '../integrations.ts'
import {
  changedIntegration,
  type Integration,
  integration,
  newIntegration,
  snapshot,
} from '../rules/settings.ts'
import { idempotencyKey } from './idempotency-key.ts'

/** Greatest number of a version: what the column holds. */
const LAST_VERSION = 2 ** 31 - 1
const MOST_REASONS = 1_000
/** How long a person waits for Amazon's quota. */
const PATIENCE_MS = 5_000

const id = z.object({ id: idText })
const read = { scopes: ['config:read'] as const }
const write = { scopes: ['config:write'] as const }
const problems = { 404: problemSchema, 422: problemSchema }
const changed = { 200: integration, 412: problemSchema, ...problems }
const tags = ['Integrations']

const marketplaceMapping = z.strictObject({
  mappings: z
    .array(z.strictObject({ marketplaceId: text(50), channelId: idText.nullable() }))
    .max(marketplaces.length)
    .describe('Marketplaces that are not named, or have null, are not imported'),
})
const reasonMapping = z.strictObject({
  mappings: z
    .array(z.strictObject({ amazonReason: text(200), returnReasonId: idText.nullable() }))
    .max(MOST_REASONS)
    .describe('Reasons in any spelling; those that are not named stay unmapped'),
})

const ETAG = /^"?(\d+)"?$/
const ifMatch = z.object({
  'if-match': z
    .string()
    .regex(ETAG, 'must be a version as ETag gave it, such as "3"')
    .transform((etag) => Number(ETAG.exec(etag)?.[1]))
    .optional()
    .describe('Version that the change is based on; refused with 412 when there is a newer one'),
})

/** Answers an integration with its version as ETag. */
const withEtag = (reply: FastifyReply, found: Integration) =>
  reply.header('etag', `"${found.version}"`).send(found)

export interface IntegrationRoutes {
  readonly integrations: Integrations
  readonly authorisations: Authorisations
  readonly budget: CallBudget
  readonly amazonUrl: string | undefined
}

/** Integrations: settings, mappings, versions, authorisation. */
export function integrationRoutes(
  api: RestApi,
  { integrations, authorisations, budget, amazonUrl }: IntegrationRoutes,
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
        headers: z.object(idempotencyKey),
        body: newIntegration,
        response: { 201: integration, 409: problemSchema, 422: problemSchema },
      },
    },
    async ({ caller, headers, body }, reply) => {
      const creator = { ...caller, idempotencyKey: headers['idempotency-key'] }
      return withEtag(reply.code(201), await integrations.create(creator, body))
    },
  )
  api.get(
    '/v1/integrations',
    {
      config: read,
      schema: { summary: 'List integrations; at most 200', tags, response: { 200: z.array(integration) } },
    },
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
    async ({ caller, params }, reply) => withEtag(reply, await integrations.get(caller.tenantId, params.id)),
  )
  api.patch(
    '/v1/integrations/:id',
    {
      config: write,
      schema: {
        summary: 'Change settings; makes a new version',
        tags,
        params: id,
        headers: ifMatch,
        body: changedIntegration,
        response: { ...changed, 409: problemSchema },
      },
    },
    async ({ caller, params, headers, body }, reply) => {
      const change = { ...caller, ...params, expectedVersion: headers['if-match'] ?? null }
      return withEtag(reply, await integrations.change(change, body))
    },
  )
  api.get(
    '/v1/integrations/:id/versions',
    {
      config: read,
      schema: {
        summary: 'List the versions, newest first',
        tags,
        params: id,
        querystring: z.strictObject(pageQuery),
        response: { 200: pageOf(snapshot), ...problems },
      },
    },
    async ({ caller, params, query }) => {
      const before = versionOf(fromCursor(query.cursor))
      const items = await integrations.versions(caller.tenantId, params.id, before, query.limit)
      const last = items.at(-1)?.version ?? 1
      return { items, nextCursor: last > 1 ? toCursor(String(last)) : null }
    },
  )
  api.get(
    '/v1/integrations/:id/versions/:version',
    {
      config: read,
      schema: {
        summary: 'Read one version; it never changes',
        tags,
        params: id.extend({ version: z.coerce.number().int().min(1).max(LAST_VERSION) }),
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
        headers: ifMatch,
        body: marketplaceMapping,
        response: changed,
      },
    },
    async ({ caller, params, headers, body }, reply) => {
      const change = { ...caller, ...params, expectedVersion: headers['if-match'] ?? null }
      return withEtag(reply, await integrations.mapMarketplaces(change, body.mappings))
    },
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
        headers: ifMatch,
        body: reasonMapping,
        response: changed,
      },
    },
    async ({ caller, params, headers, body }, reply) => {
      const change = { ...caller, ...params, expectedVersion: headers['if-match'] ?? null }
      return withEtag(reply, await integrations.mapReasons(change, body.mappings))
    },
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
        body: z.strictObject({ sellerId: text(100), refreshToken: text(4_096) }),
        response: { 200: integration, 409: problemSchema, ...problems },
      },
    },
    async ({ caller, params, body }, reply) => {
      await authorisations.store(caller.tenantId, params.id, body.sellerId, body.refreshToken)
      return withEtag(reply, await integrations.get(caller.tenantId, params.id))
    },
  )
  api.get(
    '/v1/integrations/:id/marketplaces',
    {
      config: read,
      schema: {
        summary: "List the account's marketplaces as Amazon tells them, with the channel each is mapped to",
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
          ...problems,
        },
      },
    },
    async (request) => {
      const found = await integrations.get(request.caller.tenantId, request.params.id)
      const participations = await new SpApi({
        region: found.region,
        accessToken: authorisations.tokensOf(found.id),
        budget: {
          ...{ budget, sellerId: found.sellerId ?? '', priority: 'interactive', ticket: found.id },
          patienceMs: PATIENCE_MS,
        },
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

/** @throws HttpFault 422 when the cursor is none of ours. */
function versionOf(position: string | null): number | null {
  if (position === null) return null
  const version = Number(position)
  if (!Number.isInteger(version) || version < 1 || version > LAST_VERSION)
    throw new HttpFault(422, 'CURSOR_INVALID', 'cursor: not one that this API gave')
  return version
}
