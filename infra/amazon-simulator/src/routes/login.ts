import { randomUUID } from 'node:crypto'
import formbody from '@fastify/formbody'
import type { FastifyPluginAsync } from 'fastify'
import { outcomeOfStatus } from '../calls.ts'
import { cutOff, refusalBy, waitFor } from '../faults/play-fault.ts'
import { demoSeller } from '../sellers/demo-seller.ts'
import type { Simulation } from '../simulation.ts'

const INVALID_GRANT =
  "The request has an invalid grant parameter : refresh_token. User may have revoked or didn't grant the permission."

/** Login with Amazon: the token endpoint. */
export const login: FastifyPluginAsync<{ simulation: Simulation }> = async (http, { simulation }) => {
  await http.register(formbody)
  http.post<{ Body: Record<string, string> }>('/auth/o2/token', async (request, reply) => {
    const { grant_type, refresh_token, client_id, client_secret } = request.body ?? {}
    const seller = simulation.sellers.byRefreshToken(refresh_token)
    const sellerId = seller?.sellerId ?? null
    const call = simulation.received('token', sellerId, { grant_type })
    const fault = simulation.takeFault({ operation: 'token', sellerId: seller?.sellerId })
    call.fault = fault?.kind ?? null
    const answer = (status: number, body: object | string) => {
      call.status = status
      call.outcome = outcomeOfStatus(status)
      return reply.code(status).send(body)
    }
    const refuse = (status: number, error: string, error_description: string) =>
      answer(status, { error, error_description, request_id: randomUUID() })

    if (fault?.kind === 'cut-before' || fault?.kind === 'cut-after') return cutOff(call, reply)
    if (fault?.kind === 'invalid-grant') return refuse(400, 'invalid_grant', INVALID_GRANT)
    const refusal = fault && refusalBy(fault, reply)
    if (refusal) return answer(reply.statusCode, refusal)
    if (fault?.kind === 'slow') await waitFor(fault)
    if (client_id !== demoSeller.clientId || client_secret !== demoSeller.clientSecret) {
      return refuse(401, 'invalid_client', 'Client authentication failed')
    }
    if (grant_type !== 'refresh_token')
      return refuse(400, 'unsupported_grant_type', 'The grant type is not supported')
    if (!seller || simulation.isRevoked(seller)) return refuse(400, 'invalid_grant', INVALID_GRANT)
    const { token, seconds } = simulation.newAccessToken(seller)
    return answer(200, { access_token: token, token_type: 'bearer', expires_in: seconds, refresh_token })
  })
}
