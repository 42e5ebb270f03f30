/**
 * Runs work that may never settle, for so long at most. The work's signal is aborted at the deadline and by the caller's.
 *
 * @param overdue The error to throw at the deadline.
 * @throws what the work throws; what `overdue` makes; the reason of the caller's signal.
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  ms: number,
  signal: AbortSignal | undefined,
  overdue: () => Error,
): Promise<T> {
  signal?.throwIfAborted()
  const ending = new AbortController()
  const ended = Promise.withResolvers<never>()
  const end = (reason: unknown) => {
    ended.reject(reason)
    ending.abort(reason)
  }
  const abort = () => end(signal?.reason)
  signal?.addEventListener('abort', abort)
  const timer = setTimeout(() => end(overdue()), ms)
  const working = work(ending.signal)
  try {
    return await Promise.race([working, ended.promise])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
    for (const late of [working, ended.promise]) late.catch(() => {})
  }
}
