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
 * The handler gives the body and leaves the sending to this, so that a fault can still take half of it away.
 */
export const operationsOf =
  (simulation: Simulation) =>
  (operation: string, answer: (context: Context) => unknown, about: About = () => ({})) =>
  async (request: FastifyRequest, reply: FastifyReply) => {
    const token = String(request.headers['x-amz-access-token'] ?? '')
    const seller = simulation.sellers.ofAccessToken(token)
    const call = simulation.received(operation, token ? seller.sellerId : null, request.body ?? request.query)
    reply.header('x-amzn-RequestId', randomUUID())
    const target = { operation, sellerId: seller.sellerId, ...about(seller, request) }
    const denial = denialOf(simulation, { token, seller, host: request.headers.host ?? '', target })
    if (denial !== null) return sent(call, reply, amazonError(reply, 403, 'Unauthorized', DENIED, denial))

    const { limits } = simulation
    const rate = limits.rateOf(target)
    const nameRate = () => rate !== null && reply.header('x-amzn-RateLimit-Limit', String(rate))
    const fault = simulation.takeFault(target)
    call.fault = fault?.kind ?? null
    if (fault?.kind === 'cut-before') return cutOff(call, reply)
    if (fault?.kind === 'throttle-with-rate') nameRate()
    const refusal = fault && refusalBy(fault, reply)
    if (refusal) return sent(call, reply, refusal)
    if (!limits.take(target)) {
      if (limits.rateHeader === 'always') nameRate()
      return sent(call, reply, amazonError(reply, 429, 'QuotaExceeded', QUOTA))
    }
    const body = await answer({ request, reply, seller })
    if (limits.rateHeader !== 'never' && NAMING_RATE.has(reply.statusCode)) nameRate()
    return fault ? afterEffect(fault, call, reply, body) : sent(call, reply, body)
  }

/** The call took effect; its answer is lost, cut, empty or late. */
async function afterEffect(fault: Fault, call: ReceivedCall, reply: FastifyReply, body: unknown) {
  if (fault.kind === 'cut-after') return cutOff(call, reply)
  if (fault.kind === 'cut-middle') return cutHalfWay(call, reply, JSON.stringify(body))
  if (fault.kind === 'slow') await waitFor(fault)
  sent(call, reply, fault.kind === 'empty' ? '' : body)
  if (fault.kind === 'empty') call.outcome = 'faulty'
  return reply
}

function sent(call: ReceivedCall, reply: FastifyReply, body: unknown): FastifyReply {
  call.status = reply.statusCode
  call.outcome = outcomeOfStatus(reply.statusCode)
  return reply.send(body)
}

interface Caller {
  readonly token: string
  readonly seller: Seller
  readonly host: string
  readonly target: FaultTarget
}

/** Why Amazon denies a call, in its own words, which may be none; null when it does not. */
function denialOf({ accessTokens }: Simulation, { token, seller, host, target }: Caller): string | null {
  const until = accessTokens.get(token)
  if (until === undefined) return 'Access token is missing in the request header.'
  if (until < Date.now()) return 'The access token you provided has expired.'
  const region = HOSTS.exec(host)?.[1]
  const isElsewhere = region !== undefined && region !== seller.spec.region
  const lacksRole = seller.denied.some((name) => name === target.operation || name === target.reportType)
  return isElsewhere || lacksRole ? '' : null
}
