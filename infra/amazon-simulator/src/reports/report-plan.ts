import type { DocumentStyle } from '../documents/document-style.ts'
import type { Cause, Outcome, ReportRequest } from './report.ts'

/** What becomes of coming reports. The first plan that fits and is not used up decides. */
export interface ReportPlan {
  readonly sellerId?: string | undefined
  readonly marketplaceId?: string | undefined
  readonly reportType?: string | undefined
  /** Reports that pass before it begins. */
  skip?: number | undefined
  /** For how many reports; one when left out. */
  left?: number | undefined
  /** Left out: as the data has it. */
  readonly outcome?: Outcome | undefined
  readonly cause?: Cause | undefined
  readonly hold?: boolean | undefined
  readonly queueMs?: number | undefined
  readonly progressMs?: number | undefined
  /** What the document of a FATAL report says; null gives it none. */
  readonly errorDocument?: string | null | undefined
  readonly document?: DocumentStyle | undefined
}

/** Takes the plan for a report out of the list's counts. */
export function takePlan(
  plans: readonly ReportPlan[],
  sellerId: string,
  { reportType, marketplaceIds }: ReportRequest,
): ReportPlan | undefined {
  for (const plan of plans) {
    const fits =
      (plan.sellerId ?? sellerId) === sellerId &&
      (plan.reportType ?? reportType) === reportType &&
      (plan.marketplaceId === undefined || marketplaceIds.includes(plan.marketplaceId))
    if (!fits || plan.left === 0) continue
    if (plan.skip) {
      plan.skip -= 1
      continue
    }
    plan.left = (plan.left ?? 1) - 1
    return plan
  }
  return undefined
}
