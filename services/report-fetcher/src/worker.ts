import { isRetryable } from '@backhaul/domain'
import type { Logger } from '@backhaul/kafka'
import { type Health, pause } from '@backhaul/runtime'
import { advance, type Deps } from './pipeline.ts'
import { DEPENDENCIES } from './report-run.ts'
import { planBackfills, planIntegration } from './scheduler.ts'
import { rebuildTopics } from './steps/rebuild.ts'

/** How many runs move at a time, so that a slow report holds up no other marketplace. */
const CONCURRENT_RUNS = 4

/** Plans what is due and moves runs on, until stopped. */
export class Worker {
  readonly #deps: Deps
  readonly #pollMs: number
  readonly #health: Health
  readonly #log: Logger
  readonly #fail: (error: unknown) => void
  #loops: Promise<void>[] = []

  constructor(deps: Deps, pollMs: number, health: Health, log: Logger, fail: (error: unknown) => void) {
    this.#deps = deps
    this.#pollMs = pollMs
    this.#health = health
    this.#log = log
    this.#fail = fail
  }

  start(): void {
    const workers = Array.from({ length: CONCURRENT_RUNS }, (_, n) =>
      this.#repeat(`worker ${n + 1}`, () => this.#work()),
    )
    this.#loops = [
      this.#repeat('planning', () => this.#plan()),
      this.#repeat('ledger', () => this.#tellWaits()),
      this.#repeat('rebuild', () => this.#rebuild()),
      ...workers,
    ]
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loops)
  }

  /** @param turn Resolves to true when there may be more to do at once. */
  async #repeat(part: string, turn: () => Promise<boolean>): Promise<void> {
    const { signal } = this.#deps
    while (!signal.aborted) {
      let more = false
      try {
        more = await turn()
        this.#health.ok(part)
      } catch (error) {
        if (signal.aborted) return
        if (!isRetryable(error)) return this.#fail(error)
        this.#log.warn({ part, err: error }, 'waiting')
        this.#health.wait(part, (error as Error).message)
      }
      if (!more) await pause(this.#pollMs, signal)
    }
  }

  async #plan(): Promise<boolean> {
    const { settings, ledger, events, now } = this.#deps
    const integrations = await settings.integrations()
    for (const integration of integrations) {
      events.planned(await planIntegration(integration, ledger, now()))
    }
    const slices = await planBackfills(integrations, ledger, now())
    events.planned(slices)
    return slices.length > 0
  }

  #work(): Promise<boolean> {
    const { ledger, now } = this.#deps
    return ledger.withDueRun(now(), (run) => advance(run, this.#deps))
  }

  #rebuild(): Promise<boolean> {
    const { rebuilds } = this.#deps.ledger
    return rebuilds.withRunning((rebuild) => rebuildTopics(rebuild, { ...this.#deps, rebuilds }))
  }

  /** Runs that wait for a dependency make the service not ready, whichever instance met the failure. */
  async #tellWaits(): Promise<boolean> {
    const waits = await this.#deps.ledger.waits()
    for (const dependency of DEPENDENCIES) {
      const reason = waits.get(dependency)
      if (reason === undefined) this.#health.ok(dependency)
      else this.#health.wait(dependency, reason)
    }
    return false
  }
}
