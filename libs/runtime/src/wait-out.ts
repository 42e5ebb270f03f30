import { isRetryable } from '@backhaul/domain'

const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 5_000
/** Longer than any failing call takes: one that lasted as long had worked before. */
const RECOVERED_MS = 60_000

/** What keeps a part from its work for a while, told to `/ready`. */
export interface Waits {
  wait(part: string, reason: string): void
  ok(part: string): void
}

/** How waiting is told, and ended. */
export interface Waiting {
  readonly waits: Waits
  readonly log: { warn(fields: object, message: string): void }
  readonly signal: AbortSignal
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
  { waits, log, signal }: Waiting,
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

/**
 * Waits out what a start needs.
 *
 * @throws the reason of the signal when the service is asked to stop meanwhile; a call in flight is left to itself.
 */
export async function untilStarted<T>(part: string, call: () => Promise<T>, waiting: Waiting): Promise<T> {
  const { signal } = waiting
  signal.throwIfAborted()
  const givenUp = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  return (await Promise.race([waitOut(part, call, waiting), givenUp])) as T
}
