import type { Region } from '@backhaul/domain'
import { SellingPartner } from 'amazon-sp-api'
import { CallAgent } from './call-agent.ts'
import type { Answer } from './classify.ts'
import { SpApiError } from './errors.ts'

/** One call, by the npm client's names. */
export interface Call {
  readonly operation: string
  readonly endpoint: 'reports' | 'sellers'
  readonly version: string
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: object
}

interface RawResult {
  readonly chunks: readonly Uint8Array[]
  readonly statusCode: number
  readonly headers: Answer['headers']
}

/**
 * Sends one call and gives Amazon's answer, whatever its status. Nothing is tried again, and nothing goes on after the
 * signal was aborted.
 *
 * @throws SpApiError `SP_API_NETWORK`, retryable: the call may have taken effect; the signal's reason.
 */
export async function send(
  call: Call,
  {
    region,
    accessToken,
    amazonUrl,
    signal,
  }: { region: Region; accessToken: string; amazonUrl: string | undefined; signal: AbortSignal },
): Promise<Answer> {
  signal.throwIfAborted()
  const closed = Promise.withResolvers<never>()
  const aborted = Promise.withResolvers<never>()
  const agent = new CallAgent(amazonUrl, () => closed.reject(networkFailed(call, undefined)))
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort)
  const answer = rawCall(call, region, accessToken, agent).catch((cause) => {
    throw networkFailed(call, cause)
  })
  try {
    const { statusCode, headers, chunks } = await Promise.race([answer, closed.promise, aborted.promise])
    // Decoded whole: the client decodes chunk by chunk and damages letters on a border.
    const body = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk))).toString('utf8')
    return { status: statusCode, headers, body }
  } finally {
    signal.removeEventListener('abort', abort)
    for (const late of [answer, closed.promise, aborted.promise]) late.catch(() => {})
    agent.cut()
  }
}

/** The client changes the request that it is given, so each call has one of its own. */
async function rawCall(
  { operation, endpoint, version, path, query, body }: Call,
  region: Region,
  accessToken: string,
  agent: CallAgent,
): Promise<RawResult> {
  const partner = new SellingPartner({
    region,
    refresh_token: 'unused: access tokens are given',
    access_token: accessToken,
    credentials: { SELLING_PARTNER_APP_CLIENT_ID: 'unused', SELLING_PARTNER_APP_CLIENT_SECRET: 'unused' },
    options: {
      auto_request_tokens: false,
      auto_request_throttled: false,
      retry_remote_timeout: false,
      version_fallback: false,
      user_agent: 'Backhaul/0.1 (Language=TypeScript)',
      https_proxy_agent: agent,
    },
  })
  const request = {
    ...{ operation, endpoint },
    ...(path && { path: { ...path } }),
    ...(query && { query: { ...query } }),
    ...(body && { body: structuredClone(body) }),
    options: { version, raw_result: true },
  }
  return (await partner.callAPI(request as never)) as unknown as RawResult
}

function networkFailed({ operation }: Call, cause: unknown): SpApiError {
  const networkCode = (cause as { code?: string } | undefined)?.code
  return new SpApiError('SP_API_NETWORK', `${operation}: the connection to Amazon failed`, {
    details: { operation, networkCode },
    cause,
  })
}
