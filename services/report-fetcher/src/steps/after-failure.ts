import type { Fault } from '@backhaul/domain'
import type { Dependency, ReportRun } from '../report-run.ts'

const FIRST_WAIT_MS = 5_000
const LONGEST_WAIT_MS = 60_000

/** Somebody has to authorise, or to grant a role; the run goes on by itself once that is done. */
const FOR_A_PERSON = new Set(['ACCESS_TOKEN_REFUSED', 'SP_API_UNAUTHORIZED', 'SP_API_ROLE_MISSING'])

/** Amazon will never answer this request in another way. A later cycle asks anew for the same days. */
const FOR_NOTHING = new Set(['SP_API_INVALID_INPUT', 'SP_API_NOT_FOUND'])

/**
 * What becomes of a run whose step failed: waits and tries again, or ends where waiting cannot mend it.
 *
 * @throws the fault itself, when neither would be right: the process stops, nothing is lost.
 */
export function afterFailure(run: ReportRun, fault: Fault, now: number): ReportRun {
  const told = { ...run, error: fault.message, waitingFor: null }
  if (fault.retryable) {
    const notBefore = now + Math.min(FIRST_WAIT_MS * 2 ** run.failures, LONGEST_WAIT_MS)
    return { ...told, waitingFor: dependencyOf(fault.code), failures: run.failures + 1, notBefore }
  }
  if (FOR_A_PERSON.has(fault.code))
    return { ...told, failures: run.failures + 1, notBefore: now + LONGEST_WAIT_MS }
  if (FOR_NOTHING.has(fault.code)) return { ...told, state: 'FATAL', endedAt: now }
  if (fault.code.startsWith('DOCUMENT_')) return { ...told, state: 'QUARANTINED', endedAt: now }
  throw fault
}

function dependencyOf(code: string): Dependency | null {
  if (code.startsWith('KAFKA_') || code === 'LEADER_UNKNOWN') return 'kafka'
  if (code.startsWith('REGISTRY_')) return 'schema registry'
  if (code === 'CONFIG_SERVICE_UNAVAILABLE') return 'config-service'
  return code === 'ARCHIVE_UNAVAILABLE' ? 'archive' : null
}
