import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { identityOf, isAlive, type ProcessIdentity } from './process-identity.ts'

const GRACE_MS = 15_000

/** What is noted of a child: enough to end it as its own supervisor would. */
interface ChildRecord extends ProcessIdentity {
  readonly name: string
  readonly stopSignal: NodeJS.Signals
  /** Milliseconds. */
  readonly recordedAt: number
}

/** How a child is started; `stopSignal` is what it takes as a request to stop. */
export interface ChildOptions extends SpawnOptions {
  readonly stopSignal?: NodeJS.Signals
}

/** Child processes with a record on disk, so that the next start finds what a killed supervisor left. */
export class Children {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = join(folder, 'processes')
    mkdirSync(this.#folder, { recursive: true })
  }

  /** Starts a child in a process group of its own, so that Ctrl-C reaches the supervisor alone. */
  spawn(name: string, command: string, args: readonly string[], options: ChildOptions = {}): ChildProcess {
    const { stopSignal = 'SIGTERM', ...rest } = options
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, ...rest })
    const path = join(this.#folder, `${name}.json`)
    if (child.pid) {
      const record: ChildRecord = { name, ...identityOf(child.pid), stopSignal, recordedAt: Date.now() }
      writeFileSync(path, JSON.stringify(record))
    }
    child.once('exit', () => rmSync(path, { force: true }))
    return child
  }

  /** Ends what an earlier supervisor left running, the youngest first. @returns Names of what was ended. */
  async endLeftovers(): Promise<string[]> {
    const paths = readdirSync(this.#folder).map((file) => join(this.#folder, file))
    const records = paths.map((path) => JSON.parse(readFileSync(path, 'utf8')) as ChildRecord)
    const left = records.filter(isAlive).sort((a, b) => b.recordedAt - a.recordedAt)
    for (const record of left) await end(record)
    for (const path of paths) rmSync(path, { force: true })
    return left.map((record) => record.name)
  }
}

/** Asks a process to end, and forces it after a grace. */
async function end(record: ChildRecord): Promise<void> {
  kill(record.pid, record.stopSignal)
  const deadline = Date.now() + GRACE_MS
  while (isAlive(record)) {
    if (Date.now() > deadline) kill(record.pid, 'SIGKILL')
    await sleep(50)
  }
}

/** Stops a child by a signal that it takes as a request, and waits for its end. */
export async function stopChild(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
  await exited
  clearTimeout(timer)
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended by itself in between.
  }
}
