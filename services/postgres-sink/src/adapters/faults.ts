import { Fault } from '@backhaul/domain'
import { toFault as toPostgresFault } from '@backhaul/postgres'
import pg from 'pg'
import type { ErrorCode } from '../errors.ts'

/**
 * Values that a column cannot hold: class 22, not null, check; one item or parcel twice in an event.
 * Source: PostgreSQL documentation, appendix A.
 */
const BAD_DATA_CLASS = '22'
const BAD_DATA = new Set(['23502', '23514', '23505', '21000'])

/** Classifies what the driver throws: outages and conflicts are retryable, a value that is refused is bad data. */
export function toFault(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return toPostgresFault(error)
  const state = error.code ?? ''
  if (!BAD_DATA.has(state) && !state.startsWith(BAD_DATA_CLASS)) return toPostgresFault(error)
  // The server's own text may repeat the value.
  const where = [error.table, error.column, error.constraint].filter(Boolean).join(', ')
  const message = `Postgres refuses a value (SQLSTATE ${state}${where && `; ${where}`})`
  return new Fault('RETURN_ORDER_UNSTORABLE' satisfies ErrorCode, message, { cause: error })
}
