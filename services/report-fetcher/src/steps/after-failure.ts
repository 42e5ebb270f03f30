import type { Fault } from '@backhaul/domain'
import type { Dependency, Ending, ReportRun } from '../report-run.ts'

const FIRST_WAIT_MS = 5_000
const LONGEST_WAIT_MS = 60_000

/** Somebody has to authorise, or to grant a role; the run goes on by itself once that is done. */
const FOR_A_PERSON = new Set(['ACCESS_TOKEN_REFUSED', 'SP_API_UNAUTHORIZED', 'SP_API_ROLE_MISSING'])

/** Amazon will never answer this request in another way. A later cycle asks anew for the same days. */
const FOR_NOTHING = new Set(['SP_API_INVALID_INPUT', 'SP_API_NOT_FOUND'])

/** Amazon, or config-service before it, said no: the call had no effect. */
const UNDONE = new Set([
  ...FOR_A_PERSON,
  ...FOR_NOTHING,
  'SP_API_THROTTLED',
  'CONFIG_SERVICE_UNAVAILABLE',
  'LWA_FAILED',
])

/** Whether a call that failed so had no effect at Amazon. */
export const isUndone = (fault: Fault): boolean => UNDONE.has(fault.code)

/** What becomes of a run whose step failed. */
export type AfterFailure =
  | Pick<ReportRun, 'error' | 'waitingFor' | 'failures' | 'notBefore'>
  | { readonly ending: Omit<Ending, 'endedAt'> }

/**
 * What becomes of a run whose step failed: waits and tries again, or ends where waiting cannot mend it.
 *
 * @throws the fault itself, when neither would be right: the process stops, nothing is lost.
 */
export function afterFailure(run: ReportRun, fault: Fault, now: number): AfterFailure {
  const failures = run.failures + 1
  const error = fault.message
  if (fault.retryable) {
    const notBefore = now + Math.min(FIRST_WAIT_MS * 2 ** run.failures, LONGEST_WAIT_MS)
    return { error, waitingFor: dependencyOf(fault.code), failures, notBefore }
  }
  if (FOR_A_PERSON.has(fault.code))
    return { error, waitingFor: null, failures, notBefore: now + LONGEST_WAIT_MS }
  if (FOR_NOTHING.has(fault.code))
    return { ending: { state: 'FATAL', error, refused: fault.code === 'SP_API_INVALID_INPUT' } }
  if (fault.code.startsWith('DOCUMENT_')) {
    // A part of it is on the topic: only the archive can have lost the rest, and it is waited for.
    if (run.position > 0) return { error, waitingFor: 'archive', failures, notBefore: now + LONGEST_WAIT_MS }
    return { ending: { state: 'QUARANTINED', error } }
  }
  throw fault
}

function dependencyOf(code: string): Dependency | null {
  if (code.startsWith('KAFKA_') || code === 'LEADER_UNKNOWN') return 'kafka'
  if (code.startsWith('REGISTRY_')) return 'schema registry'
  if (code === 'CONFIG_SERVICE_UNAVAILABLE') return 'config-service'
  return code === 'ARCHIVE_UNAVAILABLE' ? 'archive' : null
}
