import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Asks until the answer is yes.
 *
 * @throws Error naming what did not get ready in time, or `ended`'s words when the process is gone.
 */
export async function until(
  what: string,
  ask: () => Promise<boolean>,
  { timeoutMs = 60_000, ended }: { timeoutMs?: number; ended?: () => string | null } = {},
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const gone = ended?.()
    if (gone) throw new Error(`${what} ended while starting: ${gone}`)
    if (await ask().catch(() => false)) return
    if (Date.now() > deadline) throw new Error(`${what} was not ready after ${timeoutMs / 1000} s`)
    await sleep(50)
  }
}

/** True when the URL answers 2xx. */
export const answers = async (url: string): Promise<boolean> =>
  (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok

/** True when a TCP port takes connections. */
export const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
