import { SpApiError } from './errors.ts'

/**
 * Ends a call that may never settle: the npm client hangs when a connection is cut in mid-body, and rejects outside of
 * its promise in places.
 *
 * @throws SpApiError `SP_API_DEADLINE`, retryable; the signal's reason when it is aborted.
 */
export async function withDeadline<T>(
  operation: string,
  ms: number,
  signal: AbortSignal | undefined,
  call: Promise<T>,
): Promise<T> {
  call.catch(() => {}) // a late failure of an abandoned call is nobody's
  let timer: NodeJS.Timeout | undefined
  let abort: (() => void) | undefined
  const ended = new Promise<never>((_, reject) => {
    const message = `${operation}: no answer within ${ms / 1000} s`
    timer = setTimeout(() => reject(new SpApiError('SP_API_DEADLINE', message, { retryable: true })), ms)
    abort = () => reject(signal?.reason)
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort)
  })
  try {
    return await Promise.race([call, ended])
  } finally {
    clearTimeout(timer)
    if (abort) signal?.removeEventListener('abort', abort)
  }
}
