import type { IncomingMessage, ServerResponse } from 'node:http'
import swagger from '@fastify/swagger'
import type { FastifyError, FastifyInstance, FastifyPluginAsync, RawServerDefault } from 'fastify'
import fp from 'fastify-plugin'
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import { authenticate, type Caller, type Scope, type VerifyKey } from './auth.ts'
import { describeRoute } from './describe-route.ts'
import { answerNotFound, answerProblem } from './problem.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Scopes that a caller needs; a route without them is open. */
    scopes?: readonly Scope[]
  }
  interface FastifyRequest {
    /** Set on routes with scopes. */
    caller: Caller
  }
}

export interface RestApiOptions {
  readonly title: string
  readonly description: string
  readonly version: string
  readonly verifyKey: VerifyKey
  /** Classifies errors of the service's own dependencies: a retryable Fault is answered by 503. */
  readonly toFault?: (error: unknown) => unknown
}

/** A Fastify whose routes are typed by their zod schemas. */
export type RestApi = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyInstance['log'],
  ZodTypeProvider
>

const plugin: FastifyPluginAsync<RestApiOptions> = async (
  http,
  { title, description, version, verifyKey, toFault = (error) => error },
) => {
  http.setValidatorCompiler<z.ZodType>(({ schema }) => (data) => {
    const { data: value, error } = schema.safeParse(data)
    return error ? { error } : { value }
  })
  http.setSerializerCompiler(serializerCompiler)
  http.setErrorHandler((error, request, reply) =>
    answerProblem(toFault(error) as FastifyError, request, reply),
  )
  http.setNotFoundHandler(answerNotFound)
  http.decorateRequest('caller', null as unknown as Caller)
  http.addHook('onRequest', async (request) => {
    const needed = request.routeOptions.config.scopes
    if (needed) request.caller = await authenticate(request.headers.authorization, needed, verifyKey)
  })
  await http.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title, description, version },
      components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
      security: [{ apiKey: [] }],
    },
    transform: describeRoute,
  })
  http.get('/openapi.json', { schema: { hide: true } as object }, async () => http.swagger())
}

const register = fp(plugin, { name: 'backhaul-rest-api' })

/** Makes a Fastify a REST API: zod schemas, API keys with scopes, problem+json, `/openapi.json`. */
export async function restApi(http: FastifyInstance, options: RestApiOptions): Promise<RestApi> {
  await http.register(register, options)
  return http.withTypeProvider<ZodTypeProvider>() as RestApi
}
