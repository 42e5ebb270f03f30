import { Fault } from '@backhaul/domain'
import { ClickHouseError } from '@clickhouse/client'
import type { ErrorCode } from '../errors.ts'

// Numbers of exceptions. Source: ClickHouse, src/Common/ErrorCodes.cpp.

/** Values that a column cannot hold, bytes that do not parse, constraints. */
const BAD_DATA = new Set([
  ...[6, 25, 26, 27, 32, 33, 38, 41, 53, 69, 70, 72, 117, 131, 190, 321, 349, 407, 432, 469],
])

/** Busy, out of memory, room or parts, shutting down, read-only, time-outs, networks, Keeper. */
const UNAVAILABLE = new Set([
  ...[3, 74, 75, 76, 95, 159, 160, 164, 198, 201, 202, 203, 204, 209, 210, 212, 216, 236, 241, 242, 243, 244],
  ...[
    251, 252, 254, 279, 285, 286, 319, 341, 364, 373, 394, 425, 439, 473, 499, 516, 518, 519, 574, 692, 999,
  ],
])

/** Classifies what the client throws, by code. What no list names comes back as it is: a bug, or for a person. */
export function toFault(error: unknown): unknown {
  if (error instanceof Fault || !(error instanceof Error)) return error
  const fault = (code: ErrorCode, message: string, retryable: boolean) =>
    new Fault(code, message, { retryable, cause: error })
  if (error instanceof ClickHouseError) {
    const number = Number(error.code)
    const told = `${error.type ?? 'code'} ${error.code}`
    if (UNAVAILABLE.has(number)) {
      return fault('CLICKHOUSE_UNAVAILABLE', `ClickHouse cannot serve now (${told})`, true)
    }
    // The server's own text may repeat the value.
    if (BAD_DATA.has(number)) return fault('ROWS_UNSTORABLE', `ClickHouse refuses a value (${told})`, false)
    return error
  }
  // A lost socket has an errno or a code; the client's own words on time-outs are plain Errors. TypeErrors are bugs.
  const fromConnection = 'errno' in error || 'code' in error || error.constructor === Error
  if (!fromConnection) return error
  const told = error.message || String((error as { code?: string }).code)
  return fault('CLICKHOUSE_UNAVAILABLE', `ClickHouse does not answer: ${told}`, true)
}
