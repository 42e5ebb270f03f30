/** What a quota is counted by: all calls of the application, those of one seller, or those for one type of report. */
export type Scope = 'application' | 'seller' | 'report_type'

/** What is known when Amazon refuses a call that the budget had let go. */
export interface Evidence {
  /** A limit of the whole application is known already. */
  readonly applicationLimited: boolean
  readonly reportTypeLimited: boolean
  /** Other sellers whose last answer for this operation was a 429, a short while ago. */
  readonly otherSellersThrottled: number
  /** The seller's call for another type of report was taken a short while ago. */
  readonly otherTypeAccepted: boolean
}

/** How long a 429 speaks for others: as long as most sellers ask at least once. */
export const SHORT_WHILE_MS = 5 * 60_000

/** Two sellers may be throttled by chance at a time; a third is the application. */
const OTHERS_AT_LEAST = 2

/** Whose quota a 429 is about. Amazon does not say: it follows from who else was refused. */
export function scopeOfThrottle(evidence: Evidence): Scope {
  const { applicationLimited, reportTypeLimited, otherSellersThrottled, otherTypeAccepted } = evidence
  if (applicationLimited || otherSellersThrottled >= OTHERS_AT_LEAST) return 'application'
  return reportTypeLimited || otherTypeAccepted ? 'report_type' : 'seller'
}
