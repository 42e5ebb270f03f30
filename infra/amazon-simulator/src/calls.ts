/** What came of a call. */
export type CallOutcome = 'pending' | 'answered' | 'refused' | 'throttled' | 'failed' | 'cut' | 'faulty'

/** A call that was received; bodies hold no secrets. */
export interface ReceivedCall {
  /** Real time. */
  readonly at: string
  /** Amazon's time. */
  readonly simulatedAt: string
  readonly operation: string
  /** Null where the caller could not be told. */
  readonly sellerId: string | null
  readonly body?: unknown
  /** HTTP status that was answered; null while there is no answer. */
  status: number | null
  outcome: CallOutcome
  /** The fault that was played. */
  fault: string | null
}

/** How an answered call is counted. */
export function outcomeOfStatus(status: number): CallOutcome {
  if (status === 429) return 'throttled'
  if (status >= 500) return 'failed'
  return status >= 400 ? 'refused' : 'answered'
}
