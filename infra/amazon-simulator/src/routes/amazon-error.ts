import type { FastifyReply } from 'fastify'

export const QUOTA = 'You exceeded your quota for the requested resource.'
export const DENIED = 'Access to requested resource is denied.'

/** An error in Amazon's shape. */
export const amazonError = (
  reply: FastifyReply,
  status: number,
  code: string,
  message: string,
  details = '',
): FastifyReply => reply.code(status).send({ errors: [{ code, message, details }] })
