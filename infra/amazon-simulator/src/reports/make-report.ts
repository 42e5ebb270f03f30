import type { StoredDocument } from '../documents/document-style.ts'
import { columnsOf, renderFlatFile } from '../documents/flat-file.ts'
import { store } from '../documents/store.ts'
import type { Seller } from '../sellers/sellers.ts'
import type { Simulation } from '../simulation.ts'
import { documentOf } from './document-of.ts'
import { outcomeOf } from './outcome.ts'
import type { Cause, Outcome, ReportRequest, SimulatedReport } from './report.ts'
import { type ReportPlan, takePlan } from './report-plan.ts'
import { documentIdOf } from './reports.ts'

const UTF_8 = { charset: 'UTF-8' }
const ERROR_DOCUMENT = '{"errorDetails":"Internal error while generating the report"}'
const PLANNED_CAUSES = { DONE: null, CANCELLED: 'no-data', FATAL: 'failed' } as const

/** Who asks for a report, and when in Amazon's time. */
export interface Origin extends Pick<SimulatedReport, 'madeBy' | 'reportScheduleId'> {
  readonly seller: Seller
  readonly at: number
}

/** A report with its end and its document, which a plan decides, or else the data and the rules. */
export function makeReport(simulation: Simulation, request: ReportRequest, origin: Origin): string {
  const { reportBook, documents, pace, clock } = simulation
  const { seller, at, madeBy, reportScheduleId } = origin
  const { sellerId, region } = seller.spec
  const plan = takePlan(simulation.nextReports, sellerId, request)
  const queueMs = plan?.queueMs ?? pace.queueMs
  const progressMs = plan?.progressMs ?? pace.progressMs
  const hasData = plan?.outcome === undefined || plan.outcome === 'DONE'
  const storyNow = at - clock.lagMs + queueMs + progressMs
  const data = hasData ? dataFor(simulation, request, seller, plan, storyNow) : null
  const { outcome, cause } = decided(simulation, request, origin, plan, data !== null)
  const document = documentFor(outcome, plan, data)
  const reportId = reportBook.newId(at)
  const documentId = document && documentIdOf(reportId, region)
  if (document && documentId) documents.set(documentId, document)
  reportBook.all.set(reportId, {
    ...request,
    reportId,
    sellerId,
    createdAt: at,
    madeBy,
    reportScheduleId,
    queueMs,
    progressMs,
    outcome,
    cause,
    held: plan?.hold ?? false,
    documentId,
  })
  return reportId
}

function decided(
  { reportBook, rules }: Simulation,
  request: ReportRequest,
  { seller, at }: Origin,
  plan: ReportPlan | undefined,
  hasRows: boolean,
): { outcome: Outcome; cause: Cause | null } {
  if (plan?.outcome) return { outcome: plan.outcome, cause: plan.cause ?? PLANNED_CAUSES[plan.outcome] }
  const others = [...reportBook.all.values()].filter((report) => report.sellerId === seller.sellerId)
  return outcomeOf({ request, programme: seller.spec.programme, others, rules, hasRows, now: at })
}

/** A whole document that a test gave, or what the seller's data is by the time the report is made. */
function dataFor(
  simulation: Simulation,
  request: ReportRequest,
  seller: Seller,
  plan: ReportPlan | undefined,
  storyNow: number,
): StoredDocument | null {
  const whole = simulation.givenDocuments.get(request.marketplaceIds[0] as string)?.shift()
  const { given, epoch } = simulation
  return whole ?? documentOf({ request, seller, given, style: plan?.document ?? {}, storyNow, epoch })
}

function documentFor(
  outcome: Outcome,
  plan: ReportPlan | undefined,
  data: StoredDocument | null,
): StoredDocument | null {
  if (outcome === 'CANCELLED') return null
  if (outcome === 'DONE') return data ?? store(renderFlatFile([], columnsOf({}), {}), {}, UTF_8)
  if (plan?.errorDocument === null) return null
  return store(plan?.errorDocument ?? ERROR_DOCUMENT, { gzip: false, ...plan?.document }, UTF_8)
}
