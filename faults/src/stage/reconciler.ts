import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, type WriteStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Children, until } from '@backhaul/local'
import { KafkaProxy } from '../proxy/kafka-proxy.ts'
import { within } from '../within.ts'

const RESTART_AFTER_MS = 500
const START_LIMIT_MS = 60_000
const STOP_LIMIT_MS = 45_000
const SAY_LIMIT_MS = 45_000

const SHIFTED_CLOCK = new URL('shifted-clock.ts', import.meta.url).href

export interface ReconcilerOptions {
  readonly name: string
  /** File that Node runs: the checkout's, or that of a mutated copy. */
  readonly main: string
  readonly environment: Readonly<Record<string, string>>
  readonly children: Children
  /** Ports of the brokers. */
  readonly brokers: readonly number[]
  /** Folder of its log, its clock and its snapshots. */
  readonly folder: string
  /** Whether it keeps snapshots of its state. */
  readonly keepsState: boolean
}

/** One reconciler process behind a proxy of its own. When it ends unasked, it is noted and started again. */
export class Reconciler {
  readonly proxy: KafkaProxy
  readonly #options: ReconcilerOptions
  readonly #log: WriteStream
  readonly #stops: string[] = []
  #child: ChildProcess | undefined
  #url = ''
  #wanted = false
  #expected: ((reason: string) => void) | null = null
  #shiftMs = 0
  readonly #heard = new Map<string, () => void>()

  private constructor(options: ReconcilerOptions, proxy: KafkaProxy) {
    this.#options = options
    this.proxy = proxy
    this.#log = createWriteStream(this.logFile, { flags: 'a' })
  }

  static async open(options: ReconcilerOptions): Promise<Reconciler> {
    return new Reconciler(options, await KafkaProxy.open(options.brokers))
  }

  get stateFolder(): string {
    return join(this.#options.folder, `${this.#options.name}.state`)
  }

  get logFile(): string {
    return join(this.#options.folder, `${this.#options.name}.log`)
  }

  /** Why it ended each time nobody asked it to: codes, or the exit code. */
  get unaskedStops(): readonly string[] {
    return this.#stops
  }

  /** Starts the process; resolves once it listens, which is before it is ready. */
  async start(): Promise<void> {
    const { name, main, environment, children } = this.#options
    const child = children.spawn(name, process.execPath, ['--import', SHIFTED_CLOCK, main], {
      env: {
        ...process.env,
        ...environment,
        KAFKA_BROKERS: this.proxy.addresses,
        ...(this.#options.keepsState && { STATE_FOLDER: this.stateFolder }),
        FAULTS_CLOCK_FILE: this.#clockFile,
      },
    })
    this.#child = child
    this.#wanted = true
    this.#url = ''
    let reason = ''
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream as NodeJS.ReadableStream }).on('line', (line) => {
        this.#log.write(`${line}\n`)
        for (const [text, tell] of this.#heard) if (line.includes(text)) tell()
        if (line.includes('"msg":"listening"')) this.#url = JSON.parse(line).url
        if (line.includes('stopped by a failure')) reason = reasonIn(line)
      })
    }
    child.once('exit', (code) => {
      if (!this.#wanted || this.#child !== child) return
      const told = reason || `exit code ${code}`
      if (this.#expected) {
        this.#wanted = false
        this.#expected(told)
      } else {
        this.#stops.push(told)
        void this.#startAgain()
      }
    })
    await until(name, async () => this.#url !== '' || !isRunning(child), { timeoutMs: START_LIMIT_MS })
  }

  /** Waits until it owns partitions and has restored them. */
  async ready(): Promise<void> {
    await until(this.#options.name, async () => (await fetch(`${this.#url}/ready`)).ok)
  }

  /** Waits until it stops by itself, which is what it should do now. @returns The reason it gave. */
  async stopped(): Promise<string> {
    try {
      return await within(
        `The stop of ${this.#options.name}`,
        STOP_LIMIT_MS,
        new Promise<string>((resolve) => {
          this.#expected = resolve
        }),
      )
    } finally {
      this.#expected = null
    }
  }

  /** Waits until a line of its log holds a text. */
  async says(text: string): Promise<void> {
    const said = new Promise<void>((resolve) => this.#heard.set(text, resolve))
    await within(`That ${this.#options.name} says ${text}`, SAY_LIMIT_MS, said)
    this.#heard.delete(text)
  }

  /** Sets its wall clock forward, or back; it stays so, over restarts too. */
  jump(ms: number): void {
    this.#shiftMs += ms
    writeFileSync(this.#clockFile, String(this.#shiftMs))
  }

  /** Starts it where it is expected to stop by itself. @returns The reason it gave. */
  async startToStop(): Promise<string> {
    const stopped = this.stopped()
    await this.start()
    return stopped
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Ends it at once, as a crash would. */
  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  /** Asks it to stop and waits for its end. */
  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  async close(): Promise<void> {
    await this.kill()
    await this.proxy.close()
    this.#log.end()
  }

  get #clockFile(): string {
    return join(this.#options.folder, `${this.#options.name}.clock`)
  }

  async #startAgain(): Promise<void> {
    await sleep(RESTART_AFTER_MS)
    if (this.#wanted) await this.start()
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#wanted = false
    const child = this.#child
    if (!child || !isRunning(child)) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await within(`The end of ${this.#options.name}`, STOP_LIMIT_MS, exited)
  }
}

const isRunning = (child: ChildProcess) => child.exitCode === null && child.signalCode === null

/** Code and message of the failure that a line tells of. */
function reasonIn(line: string): string {
  const { err } = JSON.parse(line) as { err?: { code?: string; message?: string } }
  return [err?.code, err?.message].filter(Boolean).join(': ')
}
