/** A usage plan: tokens a second, and how many can be saved up. */
export interface Plan {
  readonly rate: number
  readonly burst: number
}

/** The published plans, per application and seller. Source: Reports API 2021-06-30, Sellers API v1. */
export const PUBLISHED_PLANS: Readonly<Record<string, Plan>> = {
  createReport: { rate: 0.0167, burst: 15 },
  getReport: { rate: 2, burst: 15 },
  getReports: { rate: 0.0222, burst: 10 },
  cancelReport: { rate: 0.0222, burst: 10 },
  getReportDocument: { rate: 0.0167, burst: 15 },
  createReportSchedule: { rate: 0.0222, burst: 10 },
  getReportSchedules: { rate: 0.0222, burst: 10 },
  getReportSchedule: { rate: 0.0222, burst: 10 },
  cancelReportSchedule: { rate: 0.0222, burst: 10 },
  getMarketplaceParticipations: { rate: 0.016, burst: 15 },
}

/** A plan in a published one's place, or beside it for one report type or for the application as a whole. */
export interface PlanRule extends Plan {
  readonly operation: string
  /** `seller`: each seller has a bucket. `application`: all sellers share one. */
  readonly scope: 'seller' | 'application'
  /** The one seller that the rule is about. */
  readonly sellerId?: string | undefined
  /** A bucket of its own for createReport of this type, beside the operation's. */
  readonly reportType?: string | undefined
}
