import type { LookupFunction } from 'node:net'
import { Agent, type Dispatcher, request } from 'undici'
import { checkAddress, publicLookup } from './document-address.ts'
import { SpApiError } from './errors.ts'

/** How documents are read and sent. */
export interface DocumentOptions {
  /** The server in Amazon's place; documents of any other host than Amazon's are refused. */
  readonly amazonUrl?: string | undefined
  readonly signal?: AbortSignal
  /** Most bytes on the wire. */
  readonly mostBytes?: number
  /** For one try, from the first byte sent to the last one taken in by who reads, milliseconds. */
  readonly deadlineMs?: number
}

/** Largest document on the wire: reports of all kinds end well below. */
export const MOST_BYTES = 2 * 1024 ** 3
/** A gigabyte at 1 MB/s, with time for a slow reader. */
export const DEADLINE_MS = 30 * 60_000

const CONNECT_MS = 10_000
const HEADERS_MS = 30_000
const IDLE_MS = 60_000

/** A store that refuses to a signed address that has ended. Source: S3, error responses. */
const EXPIRED = new Set([403, 410])

const timeouts = { connectTimeout: CONNECT_MS, headersTimeout: HEADERS_MS, bodyTimeout: IDLE_MS }
const stores = new Agent({
  ...timeouts,
  connect: { timeout: CONNECT_MS, lookup: publicLookup as LookupFunction },
})
const override = new Agent(timeouts)

/**
 * Makes one request at a document's address. Redirects are not followed.
 *
 * @throws SpApiError `DOCUMENT_ADDRESS_REFUSED`, `DOCUMENT_ADDRESS_EXPIRED`, `DOCUMENT_STORE_FAILED`, `DOCUMENT_NETWORK`;
 *   the signal's reason.
 */
export async function askStore(
  address: string,
  options: Pick<Dispatcher.RequestOptions, 'method' | 'body' | 'headers'>,
  amazonUrl: string | undefined,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const dispatcher = checkAddress(address, amazonUrl) ? override : stores
  let answer: Dispatcher.ResponseData
  try {
    answer = await request(address, { ...options, dispatcher, signal })
  } catch (error) {
    throw broken(error, signal)
  }
  const { statusCode, body } = answer
  // One that is cut when nobody reads it any more has nobody to tell.
  body.on('error', () => {})
  if (statusCode === 200) return answer
  await body.dump().catch(() => {})
  if (EXPIRED.has(statusCode))
    throw new SpApiError('DOCUMENT_ADDRESS_EXPIRED', "The document's address has ended", {
      details: { status: statusCode },
    })
  if (statusCode >= 300 && statusCode < 400)
    throw new SpApiError('DOCUMENT_ADDRESS_REFUSED', "The document's address leads elsewhere by a redirect", {
      details: { status: statusCode },
    })
  throw new SpApiError('DOCUMENT_STORE_FAILED', `The document store answered ${statusCode}`, {
    details: { status: statusCode },
  })
}

/** What a failure on the wire means. The client's own errors hold parts of the address at times, so only codes are kept. */
export function broken(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof SpApiError) return cause
  }
  const networkCode = (error as { code?: string }).code
  return new SpApiError('DOCUMENT_NETWORK', 'The connection to the document store failed, or broke off', {
    details: { networkCode },
  })
}
