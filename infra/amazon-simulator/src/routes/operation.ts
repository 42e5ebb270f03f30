import { randomUUID } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { outcomeOfStatus, type ReceivedCall } from '../calls.ts'
import type { Fault, FaultTarget } from '../faults/fault.ts'
import { cutHalfWay, cutOff, refusalBy, waitFor } from '../faults/play-fault.ts'
import type { Seller } from '../sellers/sellers.ts'
import type { Simulation } from '../simulation.ts'
import { amazonError, DENIED, QUOTA } from './amazon-error.ts'

/** What an operation works with. */
export interface Context {
  readonly seller: Seller
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** What a call is about beyond its operation, as far as the request tells. */
export type About = (
  seller: Seller,
  request: FastifyRequest,
) => Pick<FaultTarget, 'reportType' | 'marketplaceIds'>

const HOSTS = /^(?:sandbox\.)?sellingpartnerapi-(na|eu|fe)\.amazon\.com/
/** Statuses whose answers name the rate. Source: Amazon, "Usage plans and rate limits". */
const NAMING_RATE = new Set([200, 201, 202, 400, 404])

/**
 * Runs one operation as Amazon would: token, region, roles, planned fault, quota, answer; and notes what came of it.
 * The handler's result is sent as JSON, so that a fault can still take half of it away.
 */
export const operationsOf =
  (simulation: Simulation) =>
  (operation: string, answer: (context: Context) => unknown, about: About = () => ({})) =>
  async (request: FastifyRequest, reply: FastifyReply) => {
    const token = String(request.headers['x-amz-access-token'] ?? '')
    const seller = simulation.sellers.ofAccessToken(token)
    const call = simulation.received(operation, token ? seller.sellerId : null, request.body ?? request.query)
    reply.header('x-amzn-RequestId', randomUUID())
    const context = { request, reply, seller }
    const target = { operation, sellerId: seller.sellerId, ...about(seller, request) }
    const fault = simulation.takeFault(target)
    call.fault = fault?.kind ?? null
    const { limits } = simulation
    const rate = limits.rateOf(target)
    const nameRate = () => rate !== null && reply.header('x-amzn-RateLimit-Limit', String(rate))

    const tokenFault = faultOfToken(simulation, token, seller, request.headers.host ?? '')
    if (tokenFault !== null)
      return noted(call, reply, amazonError(reply, 403, 'Unauthorized', DENIED, tokenFault))
    if (seller.denied.some((name) => name === operation || name === target.reportType)) {
      return noted(call, reply, amazonError(reply, 403, 'Unauthorized', DENIED))
    }
    if (fault?.kind === 'cut-before') return cutOff(call, reply)
    if (fault?.kind === 'throttle-with-rate') nameRate()
    const refused = fault && refusalBy(fault, reply)
    if (refused) return noted(call, reply, refused)
    if (!limits.take(target)) {
      if (limits.rateHeader === 'always') nameRate()
      return noted(call, reply, amazonError(reply, 429, 'QuotaExceeded', QUOTA))
    }
    const result = await answer(context)
    if (limits.rateHeader !== 'never' && NAMING_RATE.has(reply.statusCode)) nameRate()
    if (fault) return afterEffect(fault, call, reply, result)
    return noted(call, reply, send(reply, result))
  }

/** The call took effect; its answer is lost, cut, empty or late. */
async function afterEffect(fault: Fault, call: ReceivedCall, reply: FastifyReply, result: unknown) {
  if (fault.kind === 'cut-after') return cutOff(call, reply)
  if (fault.kind === 'cut-middle') return cutHalfWay(call, reply, JSON.stringify(result ?? {}))
  if (fault.kind === 'empty') return noted(call, reply, reply.code(200).send(''), 'faulty')
  if (fault.kind === 'slow') await waitFor(fault)
  return noted(call, reply, send(reply, result))
}

const send = (reply: FastifyReply, result: unknown) =>
  reply.sent || result === reply ? reply : reply.send(result)

function noted(
  call: ReceivedCall,
  reply: FastifyReply,
  sent: FastifyReply,
  outcome = outcomeOfStatus(reply.statusCode),
) {
  call.status = reply.statusCode
  call.outcome = outcome
  return sent
}

/** Why a token is not good for this host, in Amazon's words, which may be none; null when it is. */
function faultOfToken(simulation: Simulation, token: string, seller: Seller, host: string): string | null {
  const until = simulation.accessTokens.get(token)
  if (until === undefined) return 'Access token is missing in the request header.'
  if (until < Date.now()) return 'The access token you provided has expired.'
  const region = HOSTS.exec(host)?.[1]
  return region && region !== seller.spec.region ? '' : null
}
