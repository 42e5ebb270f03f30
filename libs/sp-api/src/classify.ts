import { type SpApiCode, SpApiError } from './errors.ts'

/** An answer of the Selling Partner API. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

interface AmazonError {
  readonly code?: string
  readonly message?: string
  readonly details?: string
}

/** The details of a 403 that a fresh token mends. Amazon gives the same code for a missing role. */
const OF_TOKEN = /access token.*(expired|missing|invalid|revoked)/i
const TOLD_LETTERS = 300

/**
 * What an answer that is not 2xx means, by status first: Amazon's own codes differ from API to API.
 * A 403 is `SP_API_ROLE_MISSING` or `SP_API_UNAUTHORIZED` by Amazon's details, and only a fresh token tells for sure.
 *
 * Source: Selling Partner API, error responses of all operations.
 */
export function classify(operation: string, { status, headers, body }: Answer): SpApiError {
  const first = amazonErrorOf(body)
  const told = first?.message ? withoutSecrets(first.message) : `HTTP ${status}`
  return new SpApiError(codeOf(status, first), `${operation}: ${told}`, {
    details: {
      operation,
      status,
      requestId: headers['x-amzn-requestid'],
      amazonCode: first?.code && withoutSecrets(first.code),
      ...(status === 429 && { retryAfterMs: retryAfterMs(headers) }),
    },
  })
}

function codeOf(status: number, error: AmazonError | undefined): SpApiCode {
  if (status === 429) return 'SP_API_THROTTLED'
  if (status < 400 || status >= 500 || status === 408) return 'SP_API_AMAZON_FAILED'
  // No operation answers without Amazon's JSON: this is a proxy, or a page of a broken gateway.
  if (!error && (status === 401 || status === 403)) return 'SP_API_AMAZON_FAILED'
  if (status === 401) return 'SP_API_UNAUTHORIZED'
  if (status === 403 && error?.code === 'MissingAuthenticationToken') return 'SP_API_INVALID_INPUT'
  if (status === 403)
    return OF_TOKEN.test(error?.details ?? '') ? 'SP_API_UNAUTHORIZED' : 'SP_API_ROLE_MISSING'
  return status === 404 ? 'SP_API_NOT_FOUND' : 'SP_API_INVALID_INPUT'
}

function amazonErrorOf(body: string): AmazonError | undefined {
  try {
    const first = (JSON.parse(body) as { errors?: readonly AmazonError[] }).errors?.[0]
    return first && typeof first === 'object' ? first : undefined
  } catch {
    return undefined
  }
}

/** How long an answer asks to wait; undefined where it does not say. Amazon itself sends no Retry-After, gateways do. */
export function retryAfterMs(headers: Answer['headers']): number | undefined {
  const given = headers['retry-after']
  if (given === undefined) return undefined
  const ms = /^\d+(\.\d+)?$/.test(given) ? Number(given) * 1000 : Date.parse(given) - Date.now()
  return ms > 0 ? Math.ceil(ms) : undefined
}

/** The rate of an operation in calls a second, where an answer names it. */
export function rateOf(headers: Answer['headers']): number | undefined {
  const rate = Number(headers['x-amzn-ratelimit-limit'])
  return rate > 0 && Number.isFinite(rate) ? rate : undefined
}

/** Tokens (`Atza|…`, `Atzr|…`), secrets of applications, and queries of signed addresses. */
const SECRETS = /Atz[a-z]\|[^\s"',;]+|amzn1\.oa2-cs\.[^\s"',;]+|(?<=https?:\/\/[^\s?]+\?)\S+/gi

/** Words of another party, fit for a log: without secrets, on one line, not endless. */
export const withoutSecrets = (text: unknown): string =>
  String(text).slice(0, 10_000).replaceAll(SECRETS, '…').replaceAll(/\s+/g, ' ').slice(0, TOLD_LETTERS)
