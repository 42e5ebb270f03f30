import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Children, stopChild } from './children.ts'
import { follow, type PartContext } from './parts/part.ts'
import { until } from './ready.ts'

const RESTART_AFTER_MS = 1_000
/** A configuration that is wrong stays wrong: EX_CONFIG of sysexits.h. */
const EXIT_CONFIG = 78

export interface ServiceProcessOptions {
  readonly name: string
  /** What Node is given: its options, and the file that it runs. */
  readonly start: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly children: Children
  readonly log: PartContext['log']
}

/** One of Backhaul's programs as a process of its own. It keeps its port over a restart, so that its URL stays. */
export class ServiceProcess {
  readonly #options: ServiceProcessOptions
  #child: ChildProcess | undefined
  #url: string | undefined
  #wanted = false

  constructor(options: ServiceProcessOptions) {
    this.#options = options
  }

  get name(): string {
    return this.#options.name
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Where it listens; known once `start` has resolved. */
  get url(): string {
    if (!this.#url) throw new Error(`${this.name} was not started`)
    return this.#url
  }

  /**
   * Starts the process.
   *
   * @returns Once it listens; it may still wait for something, which `ready` waits for.
   * @throws Error with its last words when it ends before.
   */
  async start(): Promise<void> {
    const { name, start, environment, children, log } = this.#options
    const port = this.#url && { HTTP_PORT: new URL(this.#url).port }
    const child = children.spawn(name, process.execPath, [...start], {
      env: { ...process.env, ...environment, ...port },
    })
    this.#child = child
    this.#wanted = true
    let listening: string | undefined
    const lastLines = follow(name, child, (part, line) => {
      listening ??= urlIn(line)
      log(part, line)
    })
    const ended = () => (isRunning(child) ? null : lastLines())
    await until(name, async () => listening !== undefined, { ended })
    this.#url = listening
  }

  /** Waits until its `/ready` says yes. */
  async ready(timeoutMs?: number): Promise<void> {
    let reasons = ''
    const isReady = async () => {
      const answer = await fetch(`${this.url}/ready`)
      reasons = await answer.text()
      return answer.ok
    }
    try {
      await until(this.name, isReady, { ...(timeoutMs && { timeoutMs }) })
    } catch (cause) {
      throw new Error(`${this.name} is not ready: ${reasons}`, { cause })
    }
  }

  /** Starts it again whenever it ends unasked, as an orchestrator would, until `stop`. */
  async keepRunning(): Promise<void> {
    const { log } = this.#options
    while (this.#wanted && this.#child) {
      if (isRunning(this.#child)) await once(this.#child, 'exit')
      if (!this.#wanted) return
      const { exitCode, signalCode } = this.#child
      if (exitCode === EXIT_CONFIG) return
      log(this.name, `ended by ${signalCode ?? `exit code ${exitCode}`}, started again`)
      await sleep(RESTART_AFTER_MS)
      if (this.#wanted) await this.start().catch((error: Error) => log(this.name, error.message))
    }
  }

  /** Asks it to stop and waits for its end. */
  async stop(): Promise<void> {
    this.#wanted = false
    if (this.#child) await stopChild(this.#child)
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    this.#wanted = false
    if (!this.#child || !isRunning(this.#child)) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}

const isRunning = (child: ChildProcess) => child.exitCode === null && child.signalCode === null

/** The address in a log line that says that the service listens. */
function urlIn(line: string): string | undefined {
  if (!line.includes('"msg":"listening"')) return undefined
  return (JSON.parse(line) as { url?: string }).url
}
