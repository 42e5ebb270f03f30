import { isRetryable } from '@backhaul/domain'
import type { Logger } from '@backhaul/kafka'
import type { Health } from '@backhaul/runtime'
import { advance, type Deps } from './pipeline.ts'
import { planIntegration } from './scheduler.ts'

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
    const loops = [() => this.#plan(), ...Array.from({ length: CONCURRENT_RUNS }, () => () => this.#work())]
    this.#loops = loops.map((turn) => this.#repeat(turn))
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loops)
  }

  /** @param turn Resolves to true when there may be more to do at once. */
  async #repeat(turn: () => Promise<boolean>): Promise<void> {
    const { signal } = this.#deps
    while (!signal.aborted) {
      let more = false
      try {
        more = await turn()
        this.#health.ok('dependencies')
      } catch (error) {
        if (signal.aborted) return
        if (!isRetryable(error) && !isDatabaseError(error)) return this.#fail(error)
        this.#log.warn({ err: error }, 'waiting')
        this.#health.wait('dependencies', (error as Error).message)
      }
      if (!more) await pause(this.#pollMs, signal)
    }
  }

  async #plan(): Promise<boolean> {
    const { settings, ledger, events, now } = this.#deps
    for (const integration of await settings.integrations()) {
      events.planned(await planIntegration(integration, ledger, now()))
    }
    return false
  }

  async #work(): Promise<boolean> {
    const { ledger, now } = this.#deps
    return ledger.withDueRun(now(), async (run) => {
      await advance(run, this.#deps)
    })
  }
}

/** Postgres that is down or restarting: SQLSTATE classes 08, 57, 53, 40, and connections that fail. */
function isDatabaseError(error: unknown): boolean {
  const { code = '', name = '' } = error as { code?: string; name?: string }
  return /^(08|57|53|40)/.test(code) || /^E(CONN|PIPE|TIMEDOUT)/.test(code) || name === 'KnexTimeoutError'
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
