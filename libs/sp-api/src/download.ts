import { askStore, broken, DEADLINE_MS, type DocumentOptions, MOST_BYTES } from './document-store.ts'
import { SpApiError } from './errors.ts'
import { type UnpackLimits, unpacked } from './unpack.ts'

/** A document on its way. */
export interface Download {
  /** Charset that the answer names; null when none. */
  readonly charset: string | null
  /** What was packed is unpacked, by its first bytes, whatever Amazon said of it. */
  readonly body: AsyncIterable<Uint8Array>
}

export type DownloadOptions = DocumentOptions & UnpackLimits

/**
 * Reads a document from its address and gives it to `take` as a stream. What comes is checked to be whole. Memory does not
 * grow with the document.
 *
 * @returns what `take` returns. It must have read the body to its end.
 * @throws SpApiError with a code that begins with `DOCUMENT_`; the signal's reason; what `take` throws.
 */
export async function downloadDocument<T>(
  address: string,
  take: (download: Download) => Promise<T>,
  options: DownloadOptions = {},
): Promise<T> {
  const { amazonUrl, mostBytes = MOST_BYTES, deadlineMs = DEADLINE_MS } = options
  using ending = endOf(deadlineMs, options.signal)
  const { headers, body } = await askStore(address, { method: 'GET' }, amazonUrl, ending.signal)
  try {
    const named = Number(headers['content-length'])
    const wireBytes = Number.isSafeInteger(named) ? named : null
    if (wireBytes !== null && wireBytes > mostBytes) throw tooLarge(mostBytes)
    const received = whole(body, wireBytes, mostBytes, ending.signal)
    return await take({
      charset: charsetOf(headers['content-type']),
      body: unpacked(received, { ...options, certainlyWhole: wireBytes !== null }),
    })
  } finally {
    body.destroy()
  }
}

async function* whole(
  body: AsyncIterable<Uint8Array>,
  wireBytes: number | null,
  mostBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  try {
    for await (const chunk of body) {
      bytes += chunk.length
      if (bytes > mostBytes) throw tooLarge(mostBytes)
      yield chunk
    }
  } catch (error) {
    throw broken(error, signal)
  }
  if (wireBytes !== null && bytes !== wireBytes)
    throw new SpApiError('DOCUMENT_NETWORK', `The document broke off after ${bytes} of ${wireBytes} bytes`)
}

/** A signal that ends one try: at its deadline, or when the caller's is aborted. */
export function endOf(
  deadlineMs: number,
  given: AbortSignal | undefined,
): Disposable & { signal: AbortSignal } {
  const ending = new AbortController()
  const abort = () => ending.abort(given?.reason)
  if (given?.aborted) abort()
  given?.addEventListener('abort', abort)
  const overdue = () =>
    ending.abort(new SpApiError('DOCUMENT_DEADLINE', `The document took longer than ${deadlineMs / 1000} s`))
  const timer = setTimeout(overdue, deadlineMs)
  return {
    signal: ending.signal,
    [Symbol.dispose]() {
      clearTimeout(timer)
      given?.removeEventListener('abort', abort)
    },
  }
}

function charsetOf(contentType: string | string[] | undefined): string | null {
  return /charset="?([^;"\s]+)/i.exec(String(contentType ?? ''))?.[1] ?? null
}

export const tooLarge = (mostBytes: number) =>
  new SpApiError('DOCUMENT_TOO_LARGE', `The document is larger than ${mostBytes} bytes`)
