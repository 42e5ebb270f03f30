import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Asks until the check passes; tests wait for conditions, never for time.
 *
 * @throws what the check threw last, after `timeoutMs`.
 */
export async function eventually<T>(check: () => Promise<T> | T, timeoutMs = 45_000): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(100)
    }
  }
}
