import { Fault } from '@backhaul/domain'
import { type Download, SpApiError } from '@backhaul/sp-api'
import { Amazon, type AmazonDeps } from './adapters/amazon.ts'
import type { Archive } from './adapters/archive.ts'
import { readDocument } from './adapters/document.ts'
import { decoded } from './adapters/document-text.ts'
import type { Ledger } from './adapters/ledger.ts'
import { type Kafka, publish, runsEnd, toldBefore, withWriter } from './adapters/return-topics.ts'
import type { Settings } from './adapters/settings.ts'
import type { Events } from './events.ts'
import { beginOf, type ReportRun } from './report-run.ts'
import type { Effect, Moved, RunEvent } from './run-events.ts'
import { endOf, next } from './run-machine.ts'
import { reportFromOf } from './steps/adopt.ts'
import { archiveDocument } from './steps/archive-document.ts'
import { errorWords } from './steps/error-document.ts'
import { publishDocument } from './steps/publish.ts'

export interface Deps extends AmazonDeps {
  readonly ledger: Ledger
  readonly archive: Archive
  readonly kafka: Kafka
  readonly settings: Settings
  readonly events: Events
  readonly now: () => number
  readonly reportPollMs: number
}

/** An error document is a sentence or two. */
const MOST_ERROR_LETTERS = 64 * 1024
/** When the budget does not say how long it is spent. */
const LONGEST_HOLD_MS = 60_000

/**
 * Moves a run on until it has to wait or has ended: the rules are the machine's, here its effects are done. Each state is
 * saved before what it demands is done, so that whatever a process did not live to note is found, not repeated.
 *
 * @throws Fault that is neither waited out nor the run's end, and any bug: the process stops.
 */
export async function advance(run: ReportRun, deps: Deps): Promise<void> {
  try {
    await new Advance(run, deps).go()
  } catch (error) {
    if (deps.signal.aborted || (error instanceof Fault && error.code === 'RUN_TAKEN_OVER')) return
    throw error
  }
}

class Advance {
  readonly #deps: Deps
  readonly #amazon: Amazon
  #run: ReportRun

  constructor(run: ReportRun, deps: Deps) {
    this.#run = run
    this.#deps = deps
    this.#amazon = new Amazon(run, deps)
  }

  async go(): Promise<void> {
    const { events, now } = this.#deps
    let moved = this.#next(this.#run, { type: 'woken' })
    for (;;) {
      if (moved.run !== this.#run) await this.#save(moved.run)
      const outward = moved.effects.find((e) => e.do !== 'alert')
      if (outward !== moved.effects[0]) events.stuck(this.#run)
      if (!outward) return
      try {
        moved = await this.#perform(outward)
      } catch (fault) {
        if (!(fault instanceof Fault) || this.#deps.signal.aborted) throw fault
        if (fault.code === 'RUN_TAKEN_OVER' || fault.code.startsWith('POSTGRES_')) throw fault
        if (fault instanceof SpApiError && fault.code === 'SP_API_BUDGET_SPENT') {
          const forMs = fault.details.retryAfterMs ?? LONGEST_HOLD_MS
          moved = this.#next(this.#run, { type: 'held', effect: outward.do, forMs })
        } else {
          moved = this.#next(this.#run, { type: 'failed', effect: outward.do, fault })
          events.stepFailed(this.#run, outward.do, fault, moved.run.notBefore - now())
        }
      }
    }
  }

  #next = (run: ReportRun, event: RunEvent): Moved =>
    next(run, event, this.#deps.now(), this.#deps.reportPollMs)

  #save = async (run: ReportRun): Promise<ReportRun> => this.#saved(await this.#deps.ledger.save(run))

  #saved = (run: ReportRun): ReportRun => {
    if (run.state !== this.#run.state) this.#deps.events.moved(run)
    this.#run = run
    return run
  }

  async #perform(effect: Effect): Promise<Moved> {
    if (effect.do === 'publish')
      return publishDocument(this.#run, {
        ...this.#deps,
        save: this.#save,
        saved: this.#saved,
        next: this.#next,
      })
    if (effect.do === 'end') return this.#end()
    return this.#next(this.#run, await this.#ask(effect))
  }

  async #ask(effect: Effect): Promise<RunEvent> {
    const run = this.#run
    const { ledger, kafka } = this.#deps
    switch (effect.do) {
      case 'begin':
        await withWriter(kafka, run, (writer) => publish(writer, beginOf(run), []))
        return { type: 'begun' }
      case 'listReports': {
        const reports = await this.#amazon.listReports(run, effect.since)
        const ids = reports.map((r) => r.reportId)
        const [known, history] = await Promise.all([ledger.knownReports(run, ids), ledger.history(run)])
        return { type: 'listed', reports, known, history }
      }
      case 'createReport': {
        const reportId = await this.#amazon.createReport(run, reportFromOf(run), run.windowTo ?? 0)
        return { type: 'asked', reportId }
      }
      case 'getReport':
        return { type: 'looked', report: await this.#amazon.getReport(run) }
      case 'cancelReport':
        await this.#amazon.cancelReport(run).catch(ifRefused)
        return { type: 'cancelRequested' }
      case 'explain':
        return this.#explain(effect.reportDocumentId)
      case 'archive':
        return this.#archive()
      default:
        throw new Error(`No way to do ${effect.do}`)
    }
  }

  async #archive(): Promise<RunEvent> {
    const run = this.#run
    const { sha256, bytes } = await this.#amazon.document(
      run.reportDocumentId as string,
      ({ body, charset }) =>
        archiveDocument(this.#deps.archive, readDocument(body, { ...run, charset }, { copies: true })),
    )
    return { type: 'archived', sha256, bytes }
  }

  async #explain(reportDocumentId: string): Promise<RunEvent> {
    let text = ''
    const take = async ({ body, charset }: Download) => {
      text = ''
      for await (const piece of decoded(body, { ...this.#run, charset }))
        if (text.length < MOST_ERROR_LETTERS) text += piece
    }
    await this.#amazon.document(reportDocumentId, take).catch(ifRefused)
    return { type: 'explained', text: errorWords(text) }
  }

  /**
   * 1. note where report-runs ends   fails → nothing told
   * 2. END on report-runs            fails → told or not: the next try looks for it from the noted place
   * 3. the end in the ledger         fails → the next try finds the END and only does this
   */
  #end(): Promise<Moved> {
    const { kafka, ledger } = this.#deps
    return withWriter(kafka, this.#run, async (writer) => {
      const told = await toldBefore(kafka, this.#run)
      const noted =
        this.#run.runsOffset === null
          ? await this.#save({ ...this.#run, runsOffset: await runsEnd(kafka) })
          : this.#run
      if (told?.endedAt == null && noted.ending)
        await publish(writer, { ...noted, ...endOf(noted.ending) }, [])
      const { run } = this.#next(noted, { type: 'ended' })
      this.#saved(await ledger.ended(run))
      return { run: this.#run, effects: [] }
    })
  }
}

/** What Amazon will never answer in another way is no reason to wait. @throws what is. */
function ifRefused(error: unknown): void {
  if (error instanceof Fault && !error.retryable) return
  throw error
}
