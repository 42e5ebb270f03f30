import { randomUUID } from 'node:crypto'
import formbody from '@fastify/formbody'
import type { FastifyPluginAsync } from 'fastify'
import { demoSeller } from '../demo-seller.ts'
import type { Simulation } from '../simulation.ts'

const ACCESS_TOKEN_SECONDS = 3600

/** Login with Amazon: the token endpoint. */
export const login: FastifyPluginAsync<{ simulation: Simulation }> = async (http, { simulation }) => {
  await http.register(formbody)
  http.post<{ Body: Record<string, string> }>('/auth/o2/token', async (request, reply) => {
    const { grant_type, refresh_token, client_id, client_secret } = request.body ?? {}
    simulation.calls.push({ at: new Date().toISOString(), operation: 'token', body: { grant_type } })
    const refuse = (status: number, error: string, error_description: string) =>
      reply.code(status).send({ error, error_description, request_id: randomUUID() })
    if (client_id !== demoSeller.clientId || client_secret !== demoSeller.clientSecret) {
      return refuse(401, 'invalid_client', 'Client authentication failed')
    }
    if (grant_type !== 'refresh_token')
      return refuse(400, 'unsupported_grant_type', 'The grant type is not supported')
    if (simulation.revoked || refresh_token !== demoSeller.refreshToken) {
      return refuse(
        400,
        'invalid_grant',
        "The request has an invalid grant parameter : refresh_token. User may have revoked or didn't grant the permission.",
      )
    }
    const accessToken = `Atza|${randomUUID()}`
    simulation.accessTokens.set(accessToken, Date.now() + ACCESS_TOKEN_SECONDS * 1000)
    return {
      access_token: accessToken,
      token_type: 'bearer',
      expires_in: ACCESS_TOKEN_SECONDS,
      refresh_token,
    }
  })
}
