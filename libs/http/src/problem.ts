import { Fault } from '@backhaul/domain'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { faultsAt, type ProblemAt } from './faults-at.ts'

/** An error as every API answers it. Source: RFC 9457. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string().describe('Stable code, from a closed list of the service'),
    detail: z.string().describe('What was wrong, where, and what to do'),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .describe('Problem details (RFC 9457)')

/** An error that answers with a status of its own. */
export class HttpFault extends Fault {
  readonly status: number
  readonly errors: readonly ProblemAt[]

  constructor(status: number, code: string, message: string, errors: readonly ProblemAt[] = []) {
    super(code, message, { retryable: status === 503 })
    this.status = status
    this.errors = errors
  }
}

export const notFound = (what: string): HttpFault => new HttpFault(404, 'NOT_FOUND', `${what} does not exist`)

/** Faults that are spelled out in the sentence; the rest are in `errors` alone. */
const FAULTS_TOLD = 5

/** 422 that tells all faults of what was sent, each with its place. */
export function invalid(code: string, faults: readonly ProblemAt[]): HttpFault {
  const told = faults.slice(0, FAULTS_TOLD).map(({ pointer, detail }) => `${pointer} ${detail}`)
  const more = faults.length > told.length ? `; and ${faults.length - told.length} more` : ''
  const message = `Nothing was done; ${faults.length} fault(s): ${told.join('; ')}${more}`
  return new HttpFault(422, code, message, faults)
}

/** What a status says in a word or two. */
export const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflict',
  412: 'Changed meanwhile',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Not acceptable',
  429: 'Too many requests',
  500: 'Failure',
  503: 'Not available now',
}

/** Answers an error as problem+json. Outages and unexpected errors are logged, the latter answered without their inside. */
export function answerProblem(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = toProblem(error)
  const { method, routeOptions } = request
  if (problem.status === 500)
    request.log.error({ err: error, method, route: routeOptions.url }, 'request failed')
  if (problem.status === 503)
    request.log.warn({ err: error, method, route: routeOptions.url }, 'not available')
  return send(reply, problem)
}

/** Answers a path that does not exist. */
export const answerNotFound = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  send(reply, {
    status: 404,
    code: 'NOT_FOUND',
    detail: `${request.method} ${request.url.split('?', 1)[0]} does not exist`,
    errors: [],
  })

interface Problem {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly errors: readonly ProblemAt[]
}

/** Fastify's own refusals, by status. */
const CODES: Readonly<Record<number, string>> = { 413: 'BODY_TOO_LARGE', 415: 'MEDIA_TYPE_UNSUPPORTED' }

function toProblem(error: FastifyError | Fault): Problem {
  if (error instanceof HttpFault) {
    return { status: error.status, code: error.code, detail: error.message, errors: error.errors }
  }
  if (error instanceof Fault) {
    return { status: error.retryable ? 503 : 409, code: error.code, detail: error.message, errors: [] }
  }
  const { validationContext: part, statusCode: status = 500 } = error
  if (part && error instanceof z.ZodError) {
    return toProblem(invalid('REQUEST_INVALID', faultsAt([part], error.issues)))
  }
  if (status >= 500)
    return { status: 500, code: 'FAILURE', detail: 'An unexpected error; it was logged', errors: [] }
  return { status, code: CODES[status] ?? 'REQUEST_INVALID', detail: error.message, errors: [] }
}

function send(reply: FastifyReply, { status, code, detail, errors }: Problem): FastifyReply {
  if (status === 503) reply.header('retry-after', '5')
  const title = TITLES[status] ?? 'Error'
  const body = { type: 'about:blank', title, status, code, detail, ...(errors.length > 0 && { errors }) }
  return reply.code(status).type('application/problem+json').serializer(JSON.stringify).send(body)
}
