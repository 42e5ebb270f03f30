import type { Report } from '@backhaul/sp-api'
import type { CancelledClass, ReportRun } from '../report-run.ts'
import { mayBringRows, ofSameKind, reportFromOf, widestFrom } from './adopt.ts'

/** The longest time within which Amazon makes no second report of a kind. Source: REFERENCE 2.1, FBA daily reports. */
export const COLLISION_MS = 4 * 3_600_000
/** Within this time an equal report of our own was asked for too soon. Source: REFERENCE 2.1, near-real-time reports. */
const TOO_SOON_MS = 30 * 60_000
/** Cycles that were all cancelled, while no report ever had rows, until a seller is told that it may sell by FBA alone. */
const CYCLES_OF_WRONG_PROGRAMME = 3

/** What the ledger knows of reports before. */
export interface History {
  /** Whether any report of this seller and marketplace was ever made. */
  readonly everDone: boolean
  /** Cycles of this marketplace before of which a report was cancelled without another cause. */
  readonly cancelledCycles: number
  /** Up to where an earlier run that began no later was cancelled without another cause; null when none was. */
  readonly cancelledTo: number | null
}

/** Why Amazon cancelled a report, with words for a person; `provenTo` where it tells that there are no returns. */
export type Cancelled =
  | { readonly because: 'ask wider' }
  | {
      readonly because: CancelledClass
      readonly words: string
      readonly provenTo?: number
      /** The report in whose favour Amazon cancelled ours. */
      readonly inFavourOf?: Report
    }

/**
 * Tells apart why Amazon cancelled a report: its answer is the same for all causes.
 *
 * A window counts as empty only once two reports that cover it were cancelled with no other cause in sight: the window's own
 * and a wider one, or those of two cycles.
 */
export function classifyCancelled(
  run: ReportRun,
  reports: readonly Report[],
  known: ReadonlySet<string>,
  history: History,
): Cancelled {
  if (run.cancelTried)
    return {
      because: 'stuck',
      words: 'We cancelled the report, as it stood in the queue for too long: the next cycle asks anew',
    }
  // By Amazon's clock, as the others: ours may be minutes away, and would take them for later ones.
  const listed = reports.find((r) => r.reportId === run.reportId)
  const askedAt = listed ? Date.parse(listed.createdTime) : (run.askedAt ?? run.startedAt)
  const before = (report: Report) => askedAt - Date.parse(report.createdTime)
  const others = reports.filter((r) => r.reportId !== run.reportId && ofSameKind(run, r) && mayBringRows(r))
  const foreign = others.find(
    (r) => !known.has(r.reportId) && Math.abs(before(r)) <= COLLISION_MS && overlaps(run, r),
  )
  if (foreign) {
    const maker = foreign.reportScheduleId ? `schedule ${foreign.reportScheduleId}` : 'another program'
    const words = `Amazon cancelled the report because ${maker} had report ${foreign.reportId} made at ${foreign.createdTime}: the next cycle reads another, or asks anew`
    return { because: 'collided', words, ...(tellsItsRange(foreign) && { inFavourOf: foreign }) }
  }
  const own = others.find(
    (r) => known.has(r.reportId) && before(r) >= 0 && before(r) <= TOO_SOON_MS && overlaps(run, r),
  )
  if (own)
    return {
      because: 'throttled',
      words: `Amazon cancelled the report because report ${own.reportId} of the same days was made at ${own.createdTime}: the next cycle asks again`,
    }
  const isConfirmed = run.reportFrom !== null && run.reportFrom < (run.windowFrom ?? 0)
  const provenTo = isConfirmed ? run.windowTo : min(history.cancelledTo, run.windowTo)
  if (provenTo === null && reportFromOf(run) > widestFrom(run)) return { because: 'ask wider' }
  if (provenTo === null)
    return {
      because: 'unknown',
      words:
        'Amazon cancelled the report: no returns in the window, or cancelled by hand; the next cycle asks again to tell which',
    }
  if (!history.everDone && history.cancelledCycles + 1 >= CYCLES_OF_WRONG_PROGRAMME)
    return {
      because: 'wrong_programme',
      words:
        'Amazon cancels every report of this account and marketplace: it seems to sell by FBA alone, whose returns are not imported. Take the marketplace out of the mapping, or sell an order by FBM',
      provenTo,
    }
  return { because: 'no_returns', words: 'The window holds no returns', provenTo }
}

/** Whether Amazon says which days a report is of: for those of schedules it may not. */
const tellsItsRange = ({ dataStartTime, dataEndTime }: Report) =>
  dataStartTime !== undefined && dataEndTime !== undefined

const overlaps = (run: ReportRun, report: Report) =>
  !tellsItsRange(report) ||
  (Date.parse(report.dataStartTime ?? '') < (run.windowTo ?? 0) &&
    Date.parse(report.dataEndTime ?? '') > reportFromOf(run))

const min = (a: number | null, b: number | null) => (a === null || b === null ? null : Math.min(a, b))
