import { z } from 'zod'
import { withoutSecrets } from './classify.ts'
import { type SpApiCode, SpApiError } from './errors.ts'

const TOKEN_HOST = 'https://api.amazon.com'
const TIMEOUT_MS = 15_000

export interface TokenRequest {
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
  readonly amazonUrl?: string | undefined
  readonly signal?: AbortSignal
}

export interface AccessToken {
  readonly accessToken: string
  readonly expiresInSeconds: number
  /** Set when Amazon gave a refresh token: store it where it is another one. */
  readonly refreshToken?: string
}

const granted = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive().default(3600),
  refresh_token: z.string().min(1).optional(),
})

const refused = z.object({ error: z.string().optional(), request_id: z.string().optional() }).catch({})

/** Words of Login with Amazon that no waiting mends. All else is waited out. */
const REFUSALS: Readonly<Record<string, readonly [SpApiCode, string]>> = {
  invalid_grant: ['LWA_INVALID_GRANT', 'The authorisation has ended or was revoked: authorise again'],
  invalid_client: ['LWA_INVALID_CLIENT', "Login with Amazon refuses the application's own credentials"],
  unauthorized_client: ['LWA_INVALID_CLIENT', 'The authorisation belongs to another application'],
}

/**
 * Gets an access token by Login with Amazon.
 *
 * @throws SpApiError `LWA_INVALID_GRANT`: the seller must authorise again; `LWA_INVALID_CLIENT`: our own credentials are
 *   wrong; `LWA_FAILED`, retryable; the signal's reason. Source: Login with Amazon, "Access token request".
 */
export async function refreshAccessToken(request: TokenRequest): Promise<AccessToken> {
  const { clientId, clientSecret, refreshToken, amazonUrl, signal } = request
  let status: number
  let body: unknown
  try {
    const timeout = AbortSignal.timeout(TIMEOUT_MS)
    const answer = await fetch(new URL('/auth/o2/token', amazonUrl ?? TOKEN_HOST), {
      method: 'POST',
      // Credentials go to Login with Amazon and nowhere else.
      redirect: 'error',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: clientId,
        client_secret: clientSecret,
      }),
      signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
    })
    status = answer.status
    body = await answer.json().catch(() => undefined)
  } catch {
    signal?.throwIfAborted()
    throw new SpApiError('LWA_FAILED', 'Login with Amazon does not answer')
  }
  const token = status === 200 ? granted.safeParse(body) : undefined
  if (token?.success) {
    const { access_token, expires_in, refresh_token } = token.data
    return {
      accessToken: access_token,
      expiresInSeconds: expires_in,
      ...(refresh_token !== undefined && { refreshToken: refresh_token }),
    }
  }
  const { error, request_id: requestId } = refused.parse(body)
  const [code, told] = REFUSALS[error ?? ''] ?? ['LWA_FAILED', `Login with Amazon answered ${status}`]
  const amazonCode = error && withoutSecrets(error)
  throw new SpApiError(code, told, { details: { status, amazonCode, requestId } })
}
