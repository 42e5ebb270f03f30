import { Fault } from '@backhaul/domain'
import pg from 'pg'

/** Connection, resources, the system below, shutdowns, conflicts. Source: PostgreSQL documentation, appendix A. */
const UNAVAILABLE = /^(08|53|58|57P0[1235]|57014|40|55P03)/

/** Classifies what the driver throws, by code. What is not the server's absence comes back as it is: a bug. */
export function toFault(error: unknown): unknown {
  if (error instanceof Fault || !(error instanceof Error)) return error
  const { code = '' } = error as { code?: string }
  // A lost socket has an errno; an AggregateError holds one for each address that was tried; the driver's own words on
  // lost connections are plain Errors. TypeErrors and their like are bugs.
  const absent =
    error instanceof pg.DatabaseError
      ? UNAVAILABLE.test(code)
      : 'errno' in error ||
        error instanceof AggregateError ||
        error.constructor === Error ||
        error.name === 'KnexTimeoutError'
  if (!absent) return error
  const told = error instanceof pg.DatabaseError ? `SQLSTATE ${code}` : error.message || code || error.name
  return new Fault('POSTGRES_UNAVAILABLE', `Postgres cannot serve now: ${told}`, {
    retryable: true,
    cause: error,
  })
}
