import {
  type Cause,
  isUnfinished,
  type Outcome,
  type ReportRequest,
  type SimulatedReport,
  statusAt,
} from './report.ts'
import { REPORT_TYPES } from './report-types.ts'

/** Rules by which Amazon cancels reports, in milliseconds; 0 switches a rule off. */
export interface CancelRules {
  /** A report collides with one of the same type and marketplace that is unfinished or was made so shortly before. */
  collisionMs: number
  /** The same window asked for again within this time is cancelled. */
  repeatMs: number
}

interface Situation {
  readonly request: ReportRequest
  readonly programme: 'fbm' | 'fba'
  /** Reports of the same seller. */
  readonly others: readonly SimulatedReport[]
  readonly rules: CancelRules
  readonly hasRows: boolean
  readonly now: number
}

/** How a report ends when nothing was planned for it. */
export function outcomeOf(situation: Situation): { outcome: Outcome; cause: Cause | null } {
  const { request, programme, hasRows } = situation
  const cancelled = (cause: Cause) => ({ outcome: 'CANCELLED' as const, cause })
  if (programme === 'fba' && REPORT_TYPES[request.reportType]?.merchantFulfilled)
    return cancelled('wrong-programme')
  if (isRepeated(situation)) return cancelled('throttled')
  if (collides(situation)) return cancelled('collided')
  return hasRows ? { outcome: 'DONE', cause: null } : cancelled('no-data')
}

const isSameKind = (a: ReportRequest, b: ReportRequest) =>
  a.reportType === b.reportType && a.marketplaceIds.some((id) => b.marketplaceIds.includes(id))

function isRepeated({ request, others, rules, now }: Situation): boolean {
  return others.some(
    (other) =>
      isSameKind(other, request) &&
      Date.parse(other.dataStartTime) === Date.parse(request.dataStartTime) &&
      Date.parse(other.dataEndTime) === Date.parse(request.dataEndTime) &&
      now - other.createdAt < rules.repeatMs,
  )
}

function collides({ request, others, rules, now }: Situation): boolean {
  if (rules.collisionMs === 0) return false
  return others.some(
    (other) =>
      isSameKind(other, request) &&
      other.cause === null &&
      (isUnfinished(statusAt(other, now)) || now - other.createdAt < rules.collisionMs),
  )
}
