import { Fault, isRetryable } from '@backhaul/domain'
import type { KafkaClient } from '@backhaul/kafka'
import { downloadDocument, type RateLimiter, SpApi } from '@backhaul/sp-api'
import type { Archive } from './adapters/archive.ts'
import { decoded, unpacked } from './adapters/document-text.ts'
import type { Ledger, LedgerRow } from './adapters/ledger.ts'
import type { Settings } from './adapters/settings.ts'
import type { Events } from './events.ts'
import { addsUp, ENDED, type ReportRun, type RunCounts, stepOf } from './report-run.ts'
import { archiveDocument } from './steps/archive-document.ts'
import { lookAtReport } from './steps/look.ts'
import { publish, runsEnd, wasPublished } from './steps/publish.ts'
import { readRows } from './steps/read-rows.ts'
import { requestReport } from './steps/request.ts'

/** A document with a greater share of bad rows is not what it seems. */
const MOST_BAD_SHARE = 0.2
const FAILED_STEP_WAIT_MS = 5_000

export interface Deps {
  readonly ledger: Ledger
  readonly archive: Archive
  readonly kafka: KafkaClient<'report-fetcher'>
  readonly settings: Settings
  readonly events: Events
  readonly limiter: RateLimiter
  readonly now: () => number
  readonly amazonUrl: string | undefined
  readonly reportPollMs: number
  readonly signal: AbortSignal
}

/**
 * Moves a run on by one step and notes it: request → look … → archive → publish. Each step can be done again: what it
 * did outside is found, not repeated.
 */
export async function advance(run: ReportRun, deps: Deps): Promise<ReportRun> {
  const { events, ledger, now } = deps
  try {
    const next = await step(run, deps)
    if (next.state !== run.state) events.moved(next)
    return next
  } catch (error) {
    if (deps.signal.aborted) return run
    const failed = failedRun(run, error, now())
    if (ENDED.includes(failed.state)) {
      events.moved(failed)
      await announceEnd(failed, deps)
    } else {
      events.stepFailed(run, error, failed.notBefore - now())
    }
    await ledger.save(failed)
    return failed
  }
}

async function step(run: ReportRun, deps: Deps): Promise<ReportRun> {
  const { ledger, limiter, now, reportPollMs } = deps
  switch (stepOf(run.state)) {
    case 'request': {
      const waitMs = limiter.take(run.sellerId, 'createReport')
      if (waitMs > 0) return saved(ledger, { ...run, notBefore: now() + waitMs })
      // Noted before asking: a try that dies in between leaves a trace, and the next looks for its report.
      await ledger.save({ ...run, requestTried: true })
      const requested = await requestReport(apiOf(run, deps), run)
      return saved(ledger, { ...requested, notBefore: now() })
    }
    case 'look': {
      const looked = await lookAtReport(apiOf(run, deps), run, now())
      if (ENDED.includes(looked.state)) return ended(looked, deps)
      const notBefore = looked.state === 'READY' ? now() : now() + reportPollMs
      return saved(ledger, { ...looked, notBefore })
    }
    case 'archive': {
      const waitMs = limiter.take(run.sellerId, 'getReportDocument')
      if (waitMs > 0) return saved(ledger, { ...run, notBefore: now() + waitMs })
      const { url } = await apiOf(run, deps).getReportDocument(run.reportDocumentId as string)
      const { charset, body } = await downloadDocument(url, {
        amazonUrl: deps.amazonUrl,
        signal: deps.signal,
      })
      const { sha256, bytes } = await archiveDocument(deps.archive, decoded(unpacked(body), charset))
      return saved(ledger, { ...run, state: 'ARCHIVED', documentSha256: sha256, bytes, notBefore: now() })
    }
    case 'publish':
      return publishDocument(run, deps)
    default:
      return run
  }
}

/**
 * 1. note where report-runs ends   fails → nothing published
 * 2. rows and END, one transaction fails → nothing published, or all of it: the END record tells the next try
 * 3. rows and run in the ledger    fails → the next try finds the END record and only does this
 */
async function publishDocument(run: ReportRun, deps: Deps): Promise<ReportRun> {
  const { ledger, archive, kafka, events, now } = deps
  const { toPublish, counts } = await readRows(run, archive.read(run.documentSha256 as string), ledger)
  const said = await wasPublished(kafka, run)
  if (said) {
    const { rowsInDocument, new: fresh, changed, unchanged, skipped, rejected, endedAt } = said
    const before: RunCounts = { rowsInDocument, new: fresh, changed, unchanged, skipped, rejected }
    return noted({ ...run, state: 'PUBLISHED', counts: before, endedAt: endedAt ?? now() }, toPublish, ledger)
  }
  events.counted(run, counts)
  if (!addsUp(counts)) throw new Fault('COUNTS_DO_NOT_ADD_UP', `Run ${run.id}: ${JSON.stringify(counts)}`)
  const bad = Object.values(counts.rejected).reduce((a, b) => a + b, 0)
  if (bad > counts.rowsInDocument * MOST_BAD_SHARE) {
    const error = `${bad} of ${counts.rowsInDocument} rows cannot be read: nothing of the document was published`
    return ended({ ...run, state: 'QUARANTINED', counts, error, endedAt: now() }, deps)
  }
  await ledger.save({ ...run, runsOffset: await runsEnd(kafka) })
  const published: ReportRun = { ...run, state: 'PUBLISHED', counts, endedAt: now() }
  for (const { row } of toPublish) events.labelSeen(row.cells.labelType)
  await publish(kafka, published, toPublish, now())
  return noted(published, toPublish, ledger)
}

async function noted(run: ReportRun, rows: readonly LedgerRow[], ledger: Ledger): Promise<ReportRun> {
  await ledger.published(run, rows)
  return run
}

async function saved(ledger: Ledger, run: ReportRun): Promise<ReportRun> {
  await ledger.save(run)
  return run
}

async function ended(run: ReportRun, deps: Deps): Promise<ReportRun> {
  await announceEnd(run, deps)
  await deps.ledger.ended(run)
  return run
}

const announceEnd = (run: ReportRun, { kafka, now }: Deps) => publish(kafka, run, [], now())

/** A step that failed is done again later, unless waiting cannot mend it. */
function failedRun(run: ReportRun, error: unknown, now: number): ReportRun {
  if (error instanceof Fault && !isRetryable(error)) {
    if (error.code.startsWith('DOCUMENT_'))
      return { ...run, state: 'QUARANTINED', error: error.message, endedAt: now }
    if (error.code === 'SP_API_INVALID_INPUT')
      return { ...run, state: 'FATAL', error: error.message, endedAt: now }
    if (error.code === 'COUNTS_DO_NOT_ADD_UP') throw error
  } else if (!(error instanceof Fault)) {
    throw error
  }
  const requestTried = run.requestTried || run.state === 'PLANNED'
  return { ...run, requestTried, error: error.message, notBefore: now + FAILED_STEP_WAIT_MS }
}

function apiOf(run: ReportRun, { settings, amazonUrl, signal, limiter }: Deps): SpApi {
  return new SpApi({
    region: run.region,
    accessToken: () => settings.accessToken(run.integrationId),
    amazonUrl,
    signal,
    onRefused: async (operation, { code }) => {
      if (code === 'SP_API_THROTTLED') limiter.emptied(run.sellerId, operation)
      if (code === 'SP_API_TOKEN_EXPIRED') await settings.accessToken(run.integrationId, true)
    },
  })
}
