import { request } from 'undici'
import { SpApiError } from './errors.ts'

/** Largest document as received. */
const MOST_BYTES = 2 * 1024 ** 3
const CONNECT_MS = 10_000
const IDLE_MS = 60_000
const AMAZON_HOSTS = /(^|\.)(amazonaws\.com|cloudfront\.net|amazon\.com)$/

/** A document on its way. */
export interface Download {
  /** Charset that the answer names; null when none. */
  readonly charset: string | null
  /** True when the transport is compressed beyond what `compressionAlgorithm` says. */
  readonly contentEncoding: string | null
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * Downloads a report document as a stream. Addresses live five minutes: ask for a fresh one for another try.
 *
 * @param amazonUrl The server in Amazon's place; document addresses of any other host than Amazon's are refused.
 * @throws SpApiError `DOCUMENT_ADDRESS_EXPIRED` or `SP_API_NETWORK`, retryable; `DOCUMENT_TOO_LARGE`.
 */
export async function downloadDocument(
  url: string,
  {
    amazonUrl,
    signal,
    mostBytes = MOST_BYTES,
  }: { amazonUrl?: string | undefined; signal?: AbortSignal; mostBytes?: number } = {},
): Promise<Download> {
  checkAddress(url, amazonUrl)
  try {
    const answer = await request(url, {
      headersTimeout: CONNECT_MS,
      bodyTimeout: IDLE_MS,
      ...(signal && { signal }),
    })
    if (answer.statusCode !== 200) {
      await answer.body.dump()
      const expired = answer.statusCode === 403
      throw new SpApiError(
        expired ? 'DOCUMENT_ADDRESS_EXPIRED' : 'SP_API_NETWORK',
        `The document's address answered ${answer.statusCode}`,
        { retryable: true },
      )
    }
    const header = (name: string) => {
      const value = answer.headers[name]
      return typeof value === 'string' ? value : null
    }
    return {
      charset: /charset="?([^;"\s]+)/i.exec(header('content-type') ?? '')?.[1] ?? null,
      contentEncoding: header('content-encoding'),
      body: limited(answer.body, mostBytes),
    }
  } catch (error) {
    throw error instanceof SpApiError || signal?.aborted ? error : brokenDownload(error)
  }
}

function checkAddress(url: string, amazonUrl: string | undefined): void {
  const { hostname, origin, protocol } = new URL(url)
  if (amazonUrl && origin === new URL(amazonUrl).origin) return
  if (protocol === 'https:' && AMAZON_HOSTS.test(hostname)) return
  throw new SpApiError('DOCUMENT_ADDRESS_REFUSED', `Documents are not read from ${hostname}`)
}

async function* limited(body: AsyncIterable<Uint8Array>, mostBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  try {
    for await (const chunk of body) {
      bytes += chunk.length
      if (bytes > mostBytes) {
        throw new SpApiError('DOCUMENT_TOO_LARGE', `The document is larger than ${mostBytes} bytes`)
      }
      yield chunk
    }
  } catch (error) {
    throw error instanceof SpApiError ? error : brokenDownload(error)
  }
}

const brokenDownload = (cause: unknown) =>
  new SpApiError('SP_API_NETWORK', 'The download broke off', {
    retryable: true,
    details: { networkCode: (cause as { code?: string }).code },
  })
