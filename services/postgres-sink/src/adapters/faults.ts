import { Fault } from '@backhaul/domain'
import pg from 'pg'
import type { ErrorCode } from '../errors.ts'

/** Serialisation, deadlock, lock time-out. Codes and classes of SQLSTATE: PostgreSQL documentation, appendix A. */
const CONFLICTS = new Set(['40001', '40P01', '55P03'])
/** Connection, resources, the system below. */
const UNAVAILABLE_CLASSES = new Set(['08', '53', '58'])
/** Shutdowns, statement cancelled by a time-out, a transaction that was idle or ran too long. */
const UNAVAILABLE = new Set(['57P01', '57P02', '57P03', '57P05', '57014', '25P03', '25P04'])
/** Values that a column cannot hold: class 22, not null, check; one item or parcel twice in an event. */
const BAD_DATA_CLASS = '22'
const BAD_DATA = new Set(['23502', '23514', '23505', '21000'])

/** Classifies what the driver throws, by code. What no list names comes back as it is: a bug, or for a person. */
export function toFault(error: unknown): unknown {
  if (error instanceof Fault || !(error instanceof Error)) return error
  const fault = (code: ErrorCode, message: string, retryable: boolean) =>
    new Fault(code, message, { retryable, cause: error })
  if (error instanceof pg.DatabaseError) {
    const state = error.code ?? ''
    if (CONFLICTS.has(state)) {
      return fault('POSTGRES_CONFLICT', `Another transaction was in the way (SQLSTATE ${state})`, true)
    }
    if (UNAVAILABLE.has(state) || UNAVAILABLE_CLASSES.has(state.slice(0, 2))) {
      return fault('POSTGRES_UNAVAILABLE', `Postgres cannot serve now (SQLSTATE ${state})`, true)
    }
    if (BAD_DATA.has(state) || state.startsWith(BAD_DATA_CLASS)) {
      // The server's own text may repeat the value.
      const where = [error.table, error.column, error.constraint].filter(Boolean).join(', ')
      const told = `Postgres refuses a value (SQLSTATE ${state}${where && `; ${where}`})`
      return fault('RETURN_ORDER_UNSTORABLE', told, false)
    }
    return error
  }
  // A lost socket has an errno; an AggregateError holds one for each address that was tried; the driver's own words on
  // lost or slow connections are plain Errors. TypeErrors and their like are bugs.
  const fromConnection =
    'errno' in error ||
    error instanceof AggregateError ||
    error.constructor === Error ||
    error.name === 'KnexTimeoutError'
  if (fromConnection) {
    const told = error.message || (error as { code?: string }).code || error.name
    return fault('POSTGRES_UNAVAILABLE', `Postgres does not answer: ${told}`, true)
  }
  return error
}
