import { readFile } from 'node:fs/promises'
import { Fault } from '@backhaul/domain'
import { z } from 'zod'

/** The token server's answer is waited for no longer: a connection to a broker waits for it. */
const ASK_WITHIN_MS = 10_000

/** A token is renewed when this part of its life is over. Source: `sasl.login.refresh.window.factor` of Kafka's clients. */
const RENEW_AT = 0.8

/** Life of a token whose server does not tell it. RFC 6749 5.1 leaves it to documentation; servers give an hour or less. */
const LIFE_SECONDS = 300

const answerSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive().optional(),
})

/** Our credentials at a token server. */
export interface OauthClient {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scope?: string | undefined
}

/**
 * Tokens of a token server, kept for four fifths of their life. Calls at the same time share one request.
 *
 * @returns a function that throws a Fault `KAFKA_TOKEN_UNAVAILABLE`, retryable: also where the server refuses us, as brokers that
 *   refuse a password are waited out.
 * Source: RFC 6749, 4.4 client credentials.
 */
export function tokensOf(client: OauthClient, now: () => number = Date.now): () => Promise<string> {
  let token: { readonly value: string; readonly renewAt: number } | undefined
  let asking: Promise<string> | undefined
  const ask = async () => {
    const { access_token, expires_in = LIFE_SECONDS } = await requestToken(client)
    token = { value: access_token, renewAt: now() + expires_in * 1000 * RENEW_AT }
    return access_token
  }
  return async () => {
    if (token && now() < token.renewAt) return token.value
    asking ??= ask().finally(() => {
      asking = undefined
    })
    return asking
  }
}

/** The token in a file, which another process keeps fresh. Read for each new connection. */
export const tokenInFile = (path: string) => async (): Promise<string> => {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (cause) {
    throw unavailable(`The token file ${path} cannot be read`, cause)
  }
}

async function requestToken({ url, clientId, clientSecret, scope }: OauthClient) {
  const { host } = new URL(url)
  const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`)
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Basic ${basic.toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope && { scope }) }),
    signal: AbortSignal.timeout(ASK_WITHIN_MS),
  }).catch((cause) => {
    throw unavailable(`The token server at ${host} does not answer`, cause)
  })
  const answer = answerSchema.safeParse(await response.json().catch(() => null))
  if (!response.ok || !answer.success) {
    throw unavailable(
      `The token server at ${host} answers ${response.status} without a token; 400 and 401 mean that it refuses our client, secret or scope`,
    )
  }
  return answer.data
}

const unavailable = (message: string, cause?: unknown) =>
  new Fault('KAFKA_TOKEN_UNAVAILABLE', message, { retryable: true, cause })
