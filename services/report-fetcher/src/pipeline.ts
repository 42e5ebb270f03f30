import { Fault } from '@backhaul/domain'
import type { KafkaClient } from '@backhaul/kafka'
import { type AccessTokens, downloadDocument, type RateLimiter, SpApi } from '@backhaul/sp-api'
import type { Archive } from './adapters/archive.ts'
import { decoded } from './adapters/document-text.ts'
import type { Ledger } from './adapters/ledger.ts'
import type { Settings } from './adapters/settings.ts'
import type { Events } from './events.ts'
import { addsUp, ENDED, NO_ROWS, type ReportRun, type RunCounts, stepOf } from './report-run.ts'
import { afterFailure } from './steps/after-failure.ts'
import { archiveDocument } from './steps/archive-document.ts'
import { lookAtReport } from './steps/look.ts'
import { mostlyBad, quarantinedCounts } from './steps/mostly-bad.ts'
import { publish, publishedBefore, runsEnd, type Writer, withWriter } from './steps/publish.ts'
import { readRows } from './steps/read-rows.ts'
import { requestReport } from './steps/request.ts'

export interface Deps {
  readonly ledger: Ledger
  readonly archive: Archive
  readonly kafka: KafkaClient<'report-fetcher'>
  readonly tokens: AccessTokens
  readonly events: Events
  readonly settings: Settings
  readonly limiter: RateLimiter
  readonly now: () => number
  readonly amazonUrl: string | undefined
  readonly reportPollMs: number
  readonly signal: AbortSignal
}

/** Saves a run as the ledger's newest state, and gives it with its new revision. */
type Save = (run: ReportRun) => Promise<ReportRun>

/**
 * Moves a run on by one step and notes it: begin → request → look … → archive → publish. Each step can be done again:
 * what it did outside is found, not repeated.
 *
 * @throws Fault that is neither waited out nor the run's end, and any bug: the process stops.
 */
export async function advance(run: ReportRun, deps: Deps): Promise<void> {
  const { events, ledger, now, signal } = deps
  let latest = run
  const save: Save = async (next) => {
    latest = await ledger.save(next)
    return latest
  }
  try {
    const next = await step(run, save, deps)
    if (next.state !== run.state) events.moved(next)
  } catch (error) {
    if (signal.aborted || (error instanceof Fault && error.code === 'RUN_TAKEN_OVER')) return
    if (!(error instanceof Fault) || error.code.startsWith('POSTGRES_')) throw error
    const failed = afterFailure(latest, error, now())
    if (ENDED.includes(failed.state)) {
      await end(failed, deps)
      events.moved(failed)
    } else {
      await save(failed)
      events.stepFailed(run, error, failed.notBefore - now())
    }
  }
}

async function step(run: ReportRun, save: Save, deps: Deps): Promise<ReportRun> {
  const { kafka, ledger, limiter, now, reportPollMs } = deps
  const wait = (waitMs: number) => save({ ...run, notBefore: now() + waitMs })
  const goOn = (next: ReportRun, inMs = 0) => save({ ...next, ...WELL, notBefore: now() + inMs })
  switch (stepOf(run)) {
    case 'begin':
      await withWriter(kafka, run, (writer) => publish(writer, run, [], now()))
      return goOn({ ...run, begun: true })
    case 'request': {
      const waitMs = limiter.take(run.sellerId, 'createReport')
      if (waitMs > 0) return wait(waitMs)
      // Noted before asking: a try that dies in between leaves a trace, and the next looks for its report.
      const noted = await save({ ...run, requestTried: true })
      const reportId = await requestReport(apiOf(run, deps), run, ledger)
      return goOn({ ...noted, state: 'REQUESTED', reportId })
    }
    case 'look': {
      const looked = await lookAtReport(apiOf(run, deps), run, now())
      if (looked.state === 'CANCELLED') return end(await classified(looked, ledger), deps)
      if (ENDED.includes(looked.state)) return end(looked, deps)
      return goOn(looked, looked.state === 'READY' ? 0 : reportPollMs)
    }
    case 'archive': {
      const waitMs = limiter.take(run.sellerId, 'getReportDocument')
      if (waitMs > 0) return wait(waitMs)
      const { url } = await apiOf(run, deps).getReportDocument(run.reportDocumentId as string)
      const { sha256, bytes, rows } = await downloadDocument(
        url,
        ({ charset, body }) => archiveDocument(deps.archive, decoded(body, charset)),
        { amazonUrl: deps.amazonUrl, signal: deps.signal },
      )
      const archived: ReportRun = { ...run, documentSha256: sha256, bytes }
      if (rows === 0)
        return end({ ...archived, ...WELL, state: 'EMPTY', counts: NO_ROWS, endedAt: now() }, deps)
      return goOn({ ...archived, state: 'ARCHIVED' })
    }
    case 'publish':
      return withWriter(kafka, run, (writer) => publishDocument(run, writer, save, deps))
    default:
      return run
  }
}

/** A run that nothing holds up. */
const WELL = { error: null, waitingFor: null, failures: 0 } as const

/**
 * Amazon cancels a report without rows, but others too. A window that it cancels again in a later cycle holds none; until
 * then the mark of what was read stays before it, and the next cycle asks again.
 */
async function classified(run: ReportRun, ledger: Ledger): Promise<ReportRun> {
  return (await ledger.cancelledBefore(run)) ? { ...run, cancelledClass: 'no_returns', error: null } : run
}

/**
 * 1. open the writer               fails → nothing published; what a predecessor left is settled from here on
 * 2. note where report-runs ends   fails → nothing published
 * 3. rows and END, one transaction fails → nothing published, or all of it: the END record tells the next try
 * 4. rows and run in the ledger    fails → the next try finds the END record and only does this
 */
async function publishDocument(run: ReportRun, writer: Writer, save: Save, deps: Deps): Promise<ReportRun> {
  const { ledger, archive, kafka, events, now } = deps
  const before = await publishedBefore(kafka, run)
  const document = archive.read(run.documentSha256 as string)
  const { toPublish, counts, rejectedRows } = await readRows(run, document, ledger)
  const read: ReportRun = { ...run, ...WELL, rejectedRows }
  if (before) {
    const { rowsInDocument, new: fresh, changed, unchanged, skipped, rejected, endedAt } = before
    const told: RunCounts = { rowsInDocument, new: fresh, changed, unchanged, skipped, rejected }
    return ledger.published({ ...read, state: 'PUBLISHED', counts: told, endedAt }, toPublish)
  }
  if (!addsUp(counts)) throw new Fault('COUNTS_DO_NOT_ADD_UP', `Run ${run.id}: ${JSON.stringify(counts)}`)
  const bad = mostlyBad(counts, rejectedRows)
  if (bad) {
    const quarantined: ReportRun = {
      ...read,
      state: 'QUARANTINED',
      counts: quarantinedCounts(counts),
      error: bad,
      endedAt: now(),
    }
    await publish(writer, quarantined, [], now())
    return ledger.ended(quarantined, false)
  }
  const noted = await save({ ...read, runsOffset: run.runsOffset ?? (await runsEnd(kafka)) })
  const published: ReportRun = { ...noted, state: 'PUBLISHED', counts, endedAt: now() }
  await publish(writer, published, toPublish, now())
  events.published(
    published,
    counts,
    toPublish.map(({ row }) => row.cells.labelType),
  )
  return ledger.published(published, toPublish)
}

async function end(run: ReportRun, { kafka, ledger, now }: Deps): Promise<ReportRun> {
  await withWriter(kafka, run, (writer) => publish(writer, run, [], now()))
  return ledger.ended(run, run.state === 'EMPTY' || run.cancelledClass === 'no_returns')
}

function apiOf(run: ReportRun, { tokens, amazonUrl, signal }: Deps): SpApi {
  return new SpApi({ region: run.region, accessToken: tokens.of(run.integrationId), amazonUrl, signal })
}
