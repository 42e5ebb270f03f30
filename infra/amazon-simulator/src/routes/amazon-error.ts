import type { FastifyReply } from 'fastify'

export const QUOTA = 'You exceeded your quota for the requested resource.'
export const DENIED = 'Access to requested resource is denied.'

/** Sets an answer's status, and gives its body in Amazon's shape; it is not sent yet. */
export function amazonError(
  reply: FastifyReply,
  status: number,
  code: string,
  message: string,
  details = '',
): object {
  reply.code(status)
  return { errors: [{ code, message, details }] }
}
