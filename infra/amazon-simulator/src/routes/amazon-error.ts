import type { FastifyReply } from 'fastify'

/** An error in Amazon's shape. */
export const amazonError = (
  reply: FastifyReply,
  status: number,
  code: string,
  message: string,
  details = '',
) => reply.code(status).send({ errors: [{ code, message, details }] })
