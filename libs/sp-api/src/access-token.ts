import { SpApiError } from './errors.ts'

const TOKEN_HOST = 'https://api.amazon.com'
const TIMEOUT_MS = 15_000

export interface TokenRequest {
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
  readonly amazonUrl?: string | undefined
}

export interface AccessToken {
  readonly accessToken: string
  readonly expiresInSeconds: number
  /** Set when Amazon gave another refresh token: store it. */
  readonly refreshToken?: string
}

/**
 * Gets an access token by Login with Amazon.
 *
 * @throws SpApiError `LWA_INVALID_GRANT`: the seller must authorise again; `LWA_INVALID_CLIENT`: our own credentials are
 *   wrong; `LWA_FAILED`, retryable. Source: Login with Amazon, "Access token request".
 */
export async function refreshAccessToken(request: TokenRequest): Promise<AccessToken> {
  const { clientId, clientSecret, refreshToken, amazonUrl } = request
  let answer: Response
  try {
    answer = await fetch(new URL('/auth/o2/token', amazonUrl ?? TOKEN_HOST), {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: clientId,
        client_secret: clientSecret,
      }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  } catch {
    throw new SpApiError('LWA_FAILED', 'Login with Amazon does not answer', { retryable: true })
  }
  const body = (await answer.json().catch(() => ({}))) as Record<string, unknown>
  if (answer.ok && typeof body.access_token === 'string') {
    return {
      accessToken: body.access_token,
      expiresInSeconds: Number(body.expires_in ?? 3600),
      ...(typeof body.refresh_token === 'string' && { refreshToken: body.refresh_token }),
    }
  }
  if (body.error === 'invalid_grant') {
    throw new SpApiError('LWA_INVALID_GRANT', 'The authorisation has ended or was revoked: authorise again')
  }
  if (body.error === 'invalid_client' || body.error === 'unauthorized_client') {
    throw new SpApiError('LWA_INVALID_CLIENT', "Login with Amazon refuses the application's own credentials")
  }
  throw new SpApiError('LWA_FAILED', `Login with Amazon answered ${answer.status}`, { retryable: true })
}
