import { Fault } from '@backhaul/domain'
import pg from 'pg'

/** Serialisation, deadlock, lock time-out. Codes and classes of SQLSTATE: PostgreSQL documentation, appendix A. */
const CONFLICTS = new Set(['40001', '40P01', '55P03'])
/** Connection, resources, the system below. */
const UNAVAILABLE_CLASSES = new Set(['08', '53', '58'])
/** Shutdowns, statement cancelled by a time-out, a transaction that was idle or ran too long. */
const UNAVAILABLE = new Set(['57P01', '57P02', '57P03', '57P05', '57014', '25P03', '25P04'])

/**
 * Classifies what the driver throws, by code: `POSTGRES_UNAVAILABLE` and `POSTGRES_CONFLICT` are retryable. What is
 * neither comes back as it is: bad data, which the caller knows better, or a bug.
 */
export function toFault(error: unknown): unknown {
  if (error instanceof Fault || !(error instanceof Error)) return error
  const fault = (code: string, message: string) => new Fault(code, message, { retryable: true, cause: error })
  if (error instanceof pg.DatabaseError) {
    const state = error.code ?? ''
    if (CONFLICTS.has(state))
      return fault('POSTGRES_CONFLICT', `Another transaction was in the way (SQLSTATE ${state})`)
    if (UNAVAILABLE.has(state) || UNAVAILABLE_CLASSES.has(state.slice(0, 2)))
      return fault('POSTGRES_UNAVAILABLE', `Postgres cannot serve now (SQLSTATE ${state})`)
    return error
  }
  // A lost socket has an errno; an AggregateError holds one for each address that was tried; the driver's own words on
  // lost or slow connections are plain Errors. TypeErrors and their like are bugs.
  const fromConnection =
    'errno' in error ||
    error instanceof AggregateError ||
    error.constructor === Error ||
    error.name === 'KnexTimeoutError'
  if (!fromConnection) return error
  const told = error.message || (error as { code?: string }).code || error.name
  return fault('POSTGRES_UNAVAILABLE', `Postgres does not answer: ${told}`)
}
