import type { Report } from '@backhaul/sp-api'
import { type Ending, NO_ROWS, plus, type ReportRun } from './report-run.ts'
import type { Counted, Effect, Moved, RunEvent } from './run-events.ts'
import { adoptable, CLOCK_MARGIN_MS, widestFrom, withReport } from './steps/adopt.ts'
import { afterFailure, isUndone } from './steps/after-failure.ts'
import { COLLISION_MS, classifyCancelled } from './steps/classify-cancelled.ts'
import { mostlyBad, quarantinedCounts } from './steps/mostly-bad.ts'

/** A report that was asked for may be listed only after a while: asking anew waits so long. */
export const SETTLE_MS = 30_000
/** Most reports are ready in 15 s; one that takes so long needs a person's eye. */
export const STUCK_AFTER_MS = 2 * 3_600_000
/** One that is still in the queue after so long is cancelled, so that the next cycle can ask anew. */
export const CANCEL_AFTER_MS = 6 * 3_600_000
/** One that is in progress for so long never ends. */
export const GIVE_UP_AFTER_MS = 96 * 3_600_000
/** Looks come less often once a report is this many looks late. */
const SLOWEST_LOOK_MS = 60_000
const SLOW_AFTER_MS = 10 * 60_000

/** Amazon names what it was asked: the same request fails again. */
const OPTION_ERROR =
  /\b(report ?options?|option|parameter|argument|invalid (input|value|date|marketplace|report))/i

/** A run that nothing holds up. */
const WELL = { error: null, waitingFor: null, failures: 0 } as const

const rest = (run: ReportRun): Moved => ({ run, effects: [] })

/** What the run's state demands: the same after a crash as before it. */
function demanded(run: ReportRun): readonly Effect[] {
  if (run.ending) return [{ do: 'end' }]
  if (!run.begun) return [{ do: 'begin' }]
  switch (run.state) {
    case 'PLANNED':
      return [{ do: 'listReports', since: (run.adoptSince ?? run.startedAt) - CLOCK_MARGIN_MS }]
    case 'REQUESTED':
    case 'IN_PROGRESS':
      return [{ do: 'getReport' }]
    case 'READY':
      return [{ do: 'archive' }]
    case 'ARCHIVED':
      return [{ do: 'publish' }]
    default:
      return []
  }
}

/**
 * Moves a run on. Pure: what it says is to be saved before its effects are done, so that a process that dies between any
 * two leaves a run that `woken` takes up again.
 *
 * @param lookMs Between two looks at a report.
 * @throws Fault that is neither waited out nor the run's end: the process stops, nothing is lost.
 */
export function next(run: ReportRun, event: RunEvent, now: number, lookMs: number): Moved {
  const goOn = (change: Partial<ReportRun>): Moved => {
    const moved = { ...run, ...WELL, notBefore: now, ...change }
    return { run: moved, effects: moved.notBefore > now ? [] : demanded(moved) }
  }
  const end = (ending: Omit<Ending, 'endedAt'>) => goOn({ ending: { ...ending, endedAt: now } })
  switch (event.type) {
    case 'woken':
      return { run, effects: demanded(run) }
    case 'begun':
      return goOn({ begun: true })
    case 'held':
      return rest({
        ...run,
        notBefore: now + event.forMs,
        ...(event.effect === 'createReport' && { triedAt: null }),
      })
    case 'asked':
      return goOn({
        state: 'REQUESTED',
        reportId: event.reportId,
        askedAt: now,
        adopted: false,
        notBefore: now + Math.min(lookMs, SLOWEST_LOOK_MS),
      })
    case 'listed':
      return run.state === 'PLANNED' ? toRequest(run, event, now) : cancelled(run, event, goOn, end)
    case 'looked':
      return looked(run, event.report, now, lookMs, goOn)
    case 'cancelRequested':
      return goOn({ notBefore: now + lookMs })
    case 'explained': {
      if (run.adopted && run.triedAt === null) return goOn(withoutReport(run))
      const error = `Amazon could not make the report${event.text ? `: ${event.text}` : ''}`
      return end({ state: 'FATAL', error, refused: OPTION_ERROR.test(event.text ?? '') })
    }
    case 'archived':
      return goOn({ state: 'ARCHIVED', documentSha256: event.sha256, bytes: event.bytes, archivedAt: now })
    case 'counted':
      return counted(run, event.counted, goOn, end)
    case 'published': {
      const position = run.position + 1
      const counts = plus(run.counts ?? NO_ROWS, event.counts)
      if (position < (run.chunks ?? 0)) return rest({ ...run, ...WELL, position, counts })
      const last = { state: 'PUBLISHED', provenTo: run.windowTo, endedAt: now } as const
      return rest({ ...run, ...WELL, position, counts, ...last })
    }
    case 'ended':
      return run.ending === null ? rest(run) : rest({ ...run, ...WELL, ...endOf(run.ending), ending: null })
    case 'failed': {
      const failed = afterFailure(run, event.fault, now)
      // Refused outright: Amazon did nothing, and nothing is to be looked for.
      const undone = event.effect === 'createReport' && isUndone(event.fault)
      return 'ending' in failed
        ? end(failed.ending)
        : rest({
            ...run,
            ...failed,
            ...(undone && { triedAt: null }),
            ...(event.effect === 'cancelReport' && { cancelTried: false }),
          })
    }
  }
}

/** The run as it stands once its END is on the topic. */
export const endOf = ({ provenTo, counts, ...ending }: Ending): Partial<ReportRun> => ({
  ...ending,
  provenTo: provenTo ?? null,
  // What was counted of a document that was given up since is no longer true.
  counts: counts ?? null,
})

function toRequest(run: ReportRun, { reports, known }: RunEvent & { type: 'listed' }, now: number): Moved {
  const found = adoptable(run, reports, known)
  if (found)
    return { run: { ...withReport(run, found), ...WELL, notBefore: now }, effects: [{ do: 'getReport' }] }
  // A clock that was set back makes no wait longer.
  const settledAt = run.triedAt === null ? now : Math.min(run.triedAt, now) + SETTLE_MS
  if (settledAt > now && run.triedAt !== null)
    return rest({ ...run, triedAt: Math.min(run.triedAt, now), notBefore: settledAt })
  return { run: { ...run, triedAt: now }, effects: [{ do: 'createReport' }] }
}

type GoOn = (change: Partial<ReportRun>) => Moved
type End = (ending: Omit<Ending, 'endedAt'>) => Moved

function looked(run: ReportRun, report: Report, now: number, lookMs: number, goOn: GoOn): Moved {
  const ended = Date.parse(report.processingEndTime ?? '')
  const observedAt = Number.isNaN(ended) ? now : ended
  switch (report.processingStatus) {
    case 'DONE':
      if (report.reportDocumentId)
        return goOn({ state: 'READY', reportDocumentId: report.reportDocumentId, observedAt })
      break
    case 'CANCELLED':
      if (run.adopted && run.triedAt === null) return goOn(withoutReport(run))
      return {
        run: { ...run, observedAt },
        effects: [{ do: 'listReports', since: (run.askedAt ?? run.startedAt) - COLLISION_MS }],
      }
    case 'FATAL':
      if (report.reportDocumentId)
        return { run, effects: [{ do: 'explain', reportDocumentId: report.reportDocumentId }] }
      return next(run, { type: 'explained', text: null }, now, lookMs)
  }
  const ageMs = now - (run.askedAt ?? run.startedAt)
  if (ageMs >= GIVE_UP_AFTER_MS)
    return goOn({
      ending: {
        state: 'FATAL',
        endedAt: now,
        error: `Amazon did not make the report in ${GIVE_UP_AFTER_MS / 3_600_000} hours: the next cycle asks anew`,
      },
    })
  const isStuck = ageMs >= STUCK_AFTER_MS
  const cancels = report.processingStatus === 'IN_QUEUE' && ageMs >= CANCEL_AFTER_MS && !run.cancelTried
  const waiting: ReportRun = {
    ...run,
    ...WELL,
    state: 'IN_PROGRESS',
    stuckAt: isStuck ? (run.stuckAt ?? now) : null,
    error: isStuck
      ? `Amazon has the report ${report.processingStatus} for ${Math.floor(ageMs / 3_600_000)} hours`
      : null,
    cancelTried: run.cancelTried || (cancels && !run.adopted),
    notBefore: now + (ageMs < SLOW_AFTER_MS ? lookMs : Math.max(lookMs, SLOWEST_LOOK_MS)),
  }
  return {
    run: waiting,
    effects: [
      ...(isStuck && run.stuckAt === null ? [{ do: 'alert' } as const] : []),
      ...(waiting.cancelTried && !run.cancelTried ? [{ do: 'cancelReport' } as const] : []),
    ],
  }
}

/** As before it had a report; the next one is its own. */
const withoutReport = (run: ReportRun): Partial<ReportRun> => ({
  state: 'PLANNED',
  reportId: null,
  reportDocumentId: null,
  askedAt: null,
  adopted: false,
  adoptSince: null,
  triedAt: run.adopted ? run.triedAt : null,
})

function cancelled(
  run: ReportRun,
  { reports, known, history }: RunEvent & { type: 'listed' },
  goOn: GoOn,
  end: End,
): Moved {
  if (run.state !== 'REQUESTED' && run.state !== 'IN_PROGRESS') return rest(run)
  const told = classifyCancelled(run, reports, known, history)
  if (told.because === 'ask wider') return goOn({ ...withoutReport(run), reportFrom: widestFrom(run) })
  const { because, words, provenTo, inFavourOf } = told
  // Once: a report that was adopted and is cancelled too is not chased further.
  if (inFavourOf && !run.adopted) return goOn({ ...withReport(run, inFavourOf), cancelledClass: because })
  return end({
    state: 'CANCELLED',
    cancelledClass: because,
    error: because === 'no_returns' ? null : words,
    ...(provenTo !== undefined && { provenTo }),
  })
}

function counted(run: ReportRun, told: Counted, goOn: GoOn, end: End): Moved {
  const { counts, rejectedRows, rowsByDay, chunks } = told
  if (counts.rowsInDocument === 0)
    return end({
      state: 'EMPTY',
      counts,
      error: null,
      ...(run.windowTo !== null && { provenTo: run.windowTo }),
    })
  const found = { ...counts, rejectedRows }
  const bad = mostlyBad(found)
  if (bad) return end({ state: 'QUARANTINED', counts: quarantinedCounts(found), rejectedRows, error: bad })
  return goOn({ counts, rejectedRows, rowsByDay, chunks, position: 0 })
}
