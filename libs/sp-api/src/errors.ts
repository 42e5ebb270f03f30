import { Fault, type FaultOptions } from '@backhaul/domain'

/** Codes of failed calls to Amazon, a closed list; classified once, by status and code, never by message text alone. */
export type SpApiCode =
  | 'SP_API_THROTTLED'
  | 'SP_API_TOKEN_EXPIRED'
  | 'SP_API_UNAUTHORIZED'
  | 'SP_API_NOT_FOUND'
  | 'SP_API_INVALID_INPUT'
  | 'SP_API_AMAZON_FAILED'
  | 'SP_API_NETWORK'
  | 'SP_API_DEADLINE'
  | 'DOCUMENT_ADDRESS_EXPIRED'
  | 'DOCUMENT_TOO_LARGE'
  | 'DOCUMENT_ADDRESS_REFUSED'
  | 'LWA_INVALID_GRANT'
  | 'LWA_INVALID_CLIENT'
  | 'LWA_FAILED'

/** A call to Amazon that failed. Holds no token and no buyer data. */
export class SpApiError extends Fault {
  declare readonly code: SpApiCode

  constructor(code: SpApiCode, message: string, options: FaultOptions = {}) {
    super(code, message, options)
  }
}

interface AmazonErrors {
  readonly errors?: readonly {
    readonly code?: string
    readonly message?: string
    readonly details?: string
  }[]
}

const EXPIRED = /access token.*expired/i

/** What an answer that is not 2xx means. Source: REFERENCE 4.7, Selling Partner API "Common HTTP rules". */
export function classify(
  operation: string,
  status: number,
  body: string,
  requestId: string | undefined,
): SpApiError {
  const first = amazonError(body)
  const told = first?.message ?? `HTTP ${status}`
  const details = { operation, status, requestId, amazonCode: first?.code }
  const error = (code: SpApiCode, retryable: boolean) =>
    new SpApiError(code, `${operation}: ${told}`, { retryable, details })
  if (status === 429) return error('SP_API_THROTTLED', true)
  if (status === 403 && EXPIRED.test(first?.details ?? '')) return error('SP_API_TOKEN_EXPIRED', true)
  if (status === 401 || status === 403) return error('SP_API_UNAUTHORIZED', false)
  if (status === 404) return error('SP_API_NOT_FOUND', false)
  if (status >= 500) return error('SP_API_AMAZON_FAILED', true)
  return error('SP_API_INVALID_INPUT', false)
}

function amazonError(body: string) {
  try {
    return (JSON.parse(body) as AmazonErrors).errors?.[0]
  } catch {
    return undefined
  }
}
