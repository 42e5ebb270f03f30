import { Fault } from '@backhaul/domain'

/**
 * Waits for an answer of Kafka, not longer than that.
 *
 * @throws Fault `KAFKA_UNAVAILABLE`, retryable, when it does not come; the question goes on behind it.
 */
export async function within<T>(limitMs: number, answer: Promise<T>): Promise<T> {
  const limit = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const message = `Kafka has not answered within ${limitMs / 1000} s`
    limit.reject(new Fault('KAFKA_UNAVAILABLE', message, { retryable: true }))
  }, limitMs)
  try {
    return await Promise.race([answer, limit.promise])
  } finally {
    clearTimeout(timer)
  }
}
