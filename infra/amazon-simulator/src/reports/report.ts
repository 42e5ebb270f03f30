export type Outcome = 'DONE' | 'CANCELLED' | 'FATAL'
export type ProcessingStatus = 'IN_QUEUE' | 'IN_PROGRESS' | Outcome

/**
 * Why a report ended as it did. Amazon's answers do not tell; `/_control/reports` does.
 *
 * `collided`: another report of the same type and marketplace was at work or had just been made, often by a schedule.
 * `throttled`: the same report was asked for again too soon.
 */
export type Cause =
  | 'no-data'
  | 'collided'
  | 'throttled'
  | 'wrong-programme'
  | 'cancelled-by-request'
  | 'failed'

/** What was asked for; instants are ISO text as the caller sent them. */
export interface ReportRequest {
  readonly reportType: string
  readonly marketplaceIds: readonly string[]
  readonly dataStartTime: string
  readonly dataEndTime: string
}

/** A report at Amazon. */
export interface SimulatedReport extends ReportRequest {
  readonly reportId: string
  readonly sellerId: string
  /** Amazon's time, milliseconds. */
  readonly createdAt: number
  readonly madeBy: 'application' | 'schedule' | 'another-program'
  readonly reportScheduleId: string | null
  readonly queueMs: number
  readonly progressMs: number
  outcome: Outcome
  cause: Cause | null
  /** True keeps it IN_QUEUE until it is released. */
  held: boolean
  documentId: string | null
}

/** Where a report stands at a moment of Amazon's time. */
export function statusAt(report: SimulatedReport, now: number): ProcessingStatus {
  const { createdAt, queueMs, progressMs, held, outcome, cause } = report
  if (cause === 'cancelled-by-request') return 'CANCELLED'
  const age = now - createdAt
  if (held || age < queueMs) return 'IN_QUEUE'
  return age < queueMs + progressMs ? 'IN_PROGRESS' : outcome
}

export const isUnfinished = (status: ProcessingStatus): boolean =>
  status === 'IN_QUEUE' || status === 'IN_PROGRESS'
