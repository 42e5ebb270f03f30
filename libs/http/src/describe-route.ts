import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import { problemSchema, TITLES } from './problem.ts'

type Transform = NonNullable<FastifyDynamicSwaggerOptions['transform']>
type Answers = Readonly<Record<number, unknown>>

/** Answers that any route with scopes may give. */
const ALWAYS: Answers = { 401: problemSchema, 403: problemSchema, 503: problemSchema }

/** A route as `/openapi.json` tells it: with the answers that all routes share, problems under their own content type. */
export const describeRoute: Transform = (document) => {
  const { schema, route } = document
  if (!schema || 'hide' in schema) return jsonSchemaTransform(document)
  const answers: Answers = { ...(schema.response as Answers), ...(route.config?.scopes && ALWAYS) }
  const response = Object.fromEntries(Object.entries(answers).map(described))
  return jsonSchemaTransform({ ...document, schema: { ...schema, response } })
}

const described = ([status, schema]: [string, unknown]) => {
  if (schema !== problemSchema) return [status, schema]
  const description = TITLES[Number(status)] ?? 'Problem'
  return [status, { description, content: { 'application/problem+json': { schema } } }]
}
