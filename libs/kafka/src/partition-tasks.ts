import { isRetryable } from '@backhaul/domain'
import type { Logger } from './client.ts'

const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 5_000
/** Longer than any failing call takes: one that lasted as long had worked before. */
const RECOVERED_MS = 60_000

/** What may stop a partition's work for a while, told to /ready. */
export interface Waits {
  wait(part: string, reason: string): void
  ok(part: string): void
}

/** Waits, or returns early when the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
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

/**
 * Calls until it succeeds: a retryable Fault is waited out with backoff, in place, and `/ready` says why.
 * Anything else is thrown. Resolves to undefined when the signal was aborted first. The backoff starts anew after a call
 * that went well for a while.
 */
export async function waitOut<T>(
  part: string,
  call: () => Promise<T>,
  { waits, log, signal }: { waits: Waits; log: Logger; signal: AbortSignal },
): Promise<T | undefined> {
  let waitMs = FIRST_WAIT_MS
  while (!signal.aborted) {
    const began = performance.now()
    try {
      const result = await call()
      waits.ok(part)
      return result
    } catch (error) {
      if (!isRetryable(error)) throw error
      waitMs = performance.now() - began > RECOVERED_MS ? FIRST_WAIT_MS : waitMs
      log.warn({ part, err: error, waitMs }, 'waiting')
      waits.wait(part, (error as Error).message)
      await pause(waitMs, signal)
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
    }
  }
  return undefined
}

/** Runs one piece of work for each partition that is ours, and stops it when the partition goes. */
export class PartitionTasks {
  readonly #running = new Map<string, { stop: AbortController; ended: Promise<void> }>()
  readonly #start: (key: string, signal: AbortSignal) => Promise<void>
  readonly #fail: (error: unknown) => void

  /** @param start The work of one partition; it ends soon after its signal is aborted. A throw is a bug: `fail`. */
  constructor(start: (key: string, signal: AbortSignal) => Promise<void>, fail: (error: unknown) => void) {
    this.#start = start
    this.#fail = fail
  }

  /** Starts what is new, stops what is gone, leaves alone what stays. */
  assign(keys: readonly string[]): void {
    const wanted = new Set(keys)
    for (const [key, task] of this.#running) {
      if (!wanted.has(key)) task.stop.abort()
    }
    for (const key of wanted) {
      const before = this.#running.get(key)
      if (before && !before.stop.signal.aborted) continue
      const stop = new AbortController()
      const ended = (before?.ended ?? Promise.resolve())
        .then(() => this.#start(key, stop.signal))
        .catch(this.#fail)
        .finally(() => {
          if (this.#running.get(key)?.stop === stop) this.#running.delete(key)
        })
      this.#running.set(key, { stop, ended })
    }
  }

  /** Stops all work and waits for it to end. */
  async stop(): Promise<void> {
    for (const task of this.#running.values()) task.stop.abort()
    await Promise.all([...this.#running.values()].map((task) => task.ended))
  }
}
