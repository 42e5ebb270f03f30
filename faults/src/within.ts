/**
 * Waits for something that must not take longer.
 *
 * @throws Error that says what was not done in time; it may go on behind it.
 */
export async function within<T>(what: string, limitMs: number, work: Promise<T>): Promise<T> {
  const limit = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => limit.reject(new Error(`${what} took more than ${limitMs / 1000} s`)),
    limitMs,
  )
  try {
    return await Promise.race([work, limit.promise])
  } finally {
    clearTimeout(timer)
  }
}
