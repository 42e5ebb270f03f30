import { setTimeout as sleep } from 'node:timers/promises'
import { isRetryable } from '@backhaul/domain'
import { SpApiError } from './errors.ts'

const MOST_TRIES = 4
const FIRST_PAUSE_MS = 500

/**
 * Reads or sends a document, each time from the start and at a fresh address: addresses live five minutes and are never
 * kept. Gives up after a few tries.
 *
 * @param address Asks Amazon for an address, such as by getReportDocument; what it throws is not tried again.
 * @throws SpApiError of the last try, retryable, or the first one that no other try mends.
 */
export async function withFreshAddress<T>(
  address: () => Promise<string>,
  work: (address: string) => Promise<T>,
  { signal, tries = MOST_TRIES }: { signal?: AbortSignal | undefined; tries?: number } = {},
): Promise<T> {
  for (let n = 1; ; n++) {
    const fresh = await address()
    try {
      return await work(fresh)
    } catch (error) {
      const ofDocument = error instanceof SpApiError && error.code.startsWith('DOCUMENT_')
      if (n >= tries || !ofDocument || !isRetryable(error)) throw error
    }
    await sleep(FIRST_PAUSE_MS * 2 ** (n - 1), undefined, signal && { signal }).catch(() => {})
    signal?.throwIfAborted()
  }
}
