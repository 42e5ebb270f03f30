import { Readable } from 'node:stream'
import { askStore, broken, DEADLINE_MS, type DocumentOptions, MOST_BYTES } from './document-store.ts'
import { endOf, tooLarge } from './download.ts'

/** A document to send. */
export interface Upload {
  /** The bytes, from the start each time: a try that failed is repeated. */
  readonly content: () => AsyncIterable<Uint8Array>
  /** How many there are: stores take no bodies of unknown length. */
  readonly bytes: number
  /** With charset, exactly as it was given to createFeedDocument. */
  readonly contentType: string
}

/**
 * Sends a document to its address, as a stream.
 *
 * @throws SpApiError with a code that begins with `DOCUMENT_`; the signal's reason; what the content throws.
 */
export async function uploadDocument(
  address: string,
  { content, bytes, contentType }: Upload,
  { amazonUrl, signal, mostBytes = MOST_BYTES, deadlineMs = DEADLINE_MS }: DocumentOptions = {},
): Promise<void> {
  if (bytes > mostBytes) throw tooLarge(mostBytes)
  using ending = endOf(deadlineMs, signal)
  const headers = { 'content-type': contentType, 'content-length': String(bytes) }
  const body = Readable.from(content(), { objectMode: false })
  let failed: unknown
  body.once('error', (error) => {
    failed = error
  })
  try {
    const answer = await askStore(address, { method: 'PUT', headers, body }, amazonUrl, ending.signal)
    await answer.body.dump()
  } catch (error) {
    throw failed ?? broken(error, ending.signal)
  }
}
