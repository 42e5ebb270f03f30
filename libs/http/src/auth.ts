import { Fault } from '@backhaul/domain'
import { HttpFault } from './problem.ts'

export const scopes = [
  'config:read',
  'config:write',
  'orders:write',
  'imports:write',
  'reports:read',
  'tokens:issue',
] as const
export type Scope = (typeof scopes)[number]

/** Who calls. `tenantId` is `*` for services, which act for all tenants. */
export interface Caller {
  readonly keyId: string
  readonly tenantId: string
  readonly scopes: readonly string[]
}

/** Tells whose key it is; null when nobody's. */
export type VerifyKey = (apiKey: string) => Promise<Caller | null>

const BEARER = /^Bearer (\S+)$/i

/** @throws HttpFault 401 or 403. */
export async function authenticate(
  authorization: string | undefined,
  needed: readonly Scope[],
  verify: VerifyKey,
): Promise<Caller> {
  const key = BEARER.exec(authorization ?? '')?.[1]
  if (!key) throw new HttpFault(401, 'KEY_MISSING', 'Send your API key as "Authorization: Bearer <key>"')
  const caller = await verify(key)
  if (!caller) throw new HttpFault(401, 'KEY_UNKNOWN', 'This API key is not known, or it has ended')
  const missing = needed.filter((scope) => !caller.scopes.includes(scope))
  if (missing.length > 0)
    throw new HttpFault(403, 'SCOPE_MISSING', `This API key lacks the scope ${missing.join(', ')}`)
  return caller
}

const KNOWN_FOR_MS = 60_000
const UNKNOWN_FOR_MS = 5_000
const MOST_KEYS = 10_000
const TIMEOUT_MS = 5_000

/** Verifies keys at config-service; answers are kept for a minute, refusals for five seconds. */
export function verifyAtConfigService(configServiceUrl: string, serviceApiKey: string): VerifyKey {
  const cache = new Map<string, { until: number; caller: Caller | null }>()
  return async (apiKey) => {
    const cached = cache.get(apiKey)
    if (cached && cached.until > Date.now()) return cached.caller
    const caller = await askConfigService(configServiceUrl, serviceApiKey, apiKey)
    if (cache.size >= MOST_KEYS) cache.clear()
    cache.set(apiKey, { until: Date.now() + (caller ? KNOWN_FOR_MS : UNKNOWN_FOR_MS), caller })
    return caller
  }
}

async function askConfigService(url: string, serviceApiKey: string, apiKey: string): Promise<Caller | null> {
  let answer: Response
  try {
    answer = await fetch(`${url.replace(/\/$/, '')}/v1/internal/api-keys/verify`, {
      method: 'POST',
      headers: { authorization: `Bearer ${serviceApiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ apiKey }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  } catch (cause) {
    throw new Fault('CONFIG_SERVICE_UNAVAILABLE', 'API keys cannot be verified now', {
      retryable: true,
      cause,
    })
  }
  if (answer.status === 404) return null
  if (!answer.ok) {
    throw new Fault('CONFIG_SERVICE_UNAVAILABLE', `API keys cannot be verified now (${answer.status})`, {
      retryable: true,
    })
  }
  return (await answer.json()) as Caller
}
