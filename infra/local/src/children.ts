import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { identityOf, isAlive, type ProcessIdentity } from './process-identity.ts'

const GRACE_MS = 15_000

/** Child processes with a record on disk, so that the next start finds what a killed supervisor left. */
export class Children {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = join(folder, 'processes')
    mkdirSync(this.#folder, { recursive: true })
  }

  /** Starts a child in a process group of its own, so that Ctrl-C reaches the supervisor alone. */
  spawn(name: string, command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, ...options })
    if (child.pid) this.record(name, child.pid)
    child.once('exit', () => rmSync(this.#path(name), { force: true }))
    return child
  }

  /** Notes a process that was started by other means. */
  record(name: string, pid: number): void {
    writeFileSync(this.#path(name), JSON.stringify(identityOf(pid)))
  }

  /** Ends what an earlier supervisor left running. @returns Names of what was ended. */
  async endLeftovers(): Promise<string[]> {
    const ended: string[] = []
    for (const file of readdirSync(this.#folder)) {
      const path = join(this.#folder, file)
      const identity = JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity
      if (isAlive(identity)) {
        await end(identity)
        ended.push(file.replace(/\.json$/, ''))
      }
      rmSync(path, { force: true })
    }
    return ended
  }

  #path(name: string): string {
    return join(this.#folder, `${name}.json`)
  }
}

/** Asks a process to end, and forces it after a grace. */
export async function end(identity: ProcessIdentity, graceMs = GRACE_MS): Promise<void> {
  kill(identity.pid, 'SIGTERM')
  const deadline = Date.now() + graceMs
  while (isAlive(identity)) {
    if (Date.now() > deadline) kill(identity.pid, 'SIGKILL')
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
