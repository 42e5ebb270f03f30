/** A usage plan: calls a second, and how many may come at once after a rest. */
export interface Plan {
  readonly rate: number
  readonly burst: number
}

/** By operation. */
export type Plans = Readonly<Record<string, Plan>>

/** Amazon's default plans, for each pair of application and seller. Source: Reports API 2021-06-30, Sellers API v1. */
export const DEFAULT_PLANS: Plans = {
  createReport: { rate: 0.0167, burst: 15 },
  getReport: { rate: 2, burst: 15 },
  getReports: { rate: 0.0222, burst: 10 },
  cancelReport: { rate: 0.0222, burst: 10 },
  getReportDocument: { rate: 0.0167, burst: 15 },
  getMarketplaceParticipations: { rate: 0.016, burst: 15 },
}

/** For an operation without a published plan: the tightest of those that are published. */
export const UNKNOWN_PLAN: Plan = { rate: 0.016, burst: 1 }
