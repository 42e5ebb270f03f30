import { Fault } from '@backhaul/domain'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { z } from 'zod'

/** What is wrong with one place of the request. */
export interface ProblemAt {
  /** JSON pointer into the part of the request, such as `/body/0/items/2/sku`. */
  readonly pointer: string
  readonly detail: string
}

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

const TITLES: Readonly<Record<number, string>> = {
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

/** Answers an error as problem+json. Unexpected ones are logged and answered without their inside. */
export function answerProblem(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = toProblem(error)
  if (problem.status === 500) request.log.error({ err: error }, 'request failed')
  return send(reply, problem)
}

/** Answers a path that does not exist. */
export const answerNotFound = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  send(reply, {
    status: 404,
    code: 'NOT_FOUND',
    detail: `${request.method} ${request.url} does not exist`,
    errors: [],
  })

interface Problem {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly errors: readonly ProblemAt[]
}

function toProblem(error: FastifyError): Problem {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map((v) => ({
      pointer: `/${error.validationContext ?? 'body'}${v.instancePath}`,
      detail: v.message ?? 'invalid',
    }))
    const detail = `The request has ${errors.length} fault(s): ${errors.map((e) => `${e.pointer} ${e.detail}`).join('; ')}`
    return { status: 422, code: 'REQUEST_INVALID', detail, errors }
  }
  if (error instanceof HttpFault) {
    return { status: error.status, code: error.code, detail: error.message, errors: error.errors }
  }
  if (error instanceof Fault) {
    return { status: error.retryable ? 503 : 409, code: error.code, detail: error.message, errors: [] }
  }
  const status = error.statusCode ?? 500
  if (status >= 500)
    return { status: 500, code: 'FAILURE', detail: 'An unexpected error; it was logged', errors: [] }
  return { status, code: error.code ?? 'REQUEST_INVALID', detail: error.message, errors: [] }
}

function send(reply: FastifyReply, { status, code, detail, errors }: Problem): FastifyReply {
  if (status === 503) reply.header('retry-after', '5')
  const title = TITLES[status] ?? 'Error'
  const body = { type: 'about:blank', title, status, code, detail, ...(errors.length > 0 && { errors }) }
  return reply.code(status).type('application/problem+json').serializer(JSON.stringify).send(body)
}
