import { Fault, type FaultOptions } from '@backhaul/domain'

interface Meaning {
  /** Whether the same call may succeed later. */
  readonly retryable: boolean
  /** What happened. */
  readonly means: string
  /** Who does what now. */
  readonly nextStep: string
}

/** Codes of failed calls to Amazon, a closed list; each is given once, where the failure happens. */
export const errors = {
  SP_API_BUDGET_SPENT: {
    retryable: true,
    means: 'our own budget has no call left now; Amazon was not asked',
    nextStep: 'ask again after retryAfterMs; the place in the queue is kept until then',
  },
  SP_API_THROTTLED: {
    retryable: true,
    means: "Amazon's quota is used up; nothing was done",
    nextStep: 'wait for the rate budget, which has learned from it',
  },
  SP_API_UNAUTHORIZED: {
    retryable: false,
    means: 'Amazon refuses the access token, and a fresh one too',
    nextStep: 'authorise the integration again',
  },
  SP_API_ROLE_MISSING: {
    retryable: false,
    means: 'the token is good, but the application may not call this operation for this seller',
    nextStep: 'add the role to the application and authorise again; check that the seller is of this region',
  },
  SP_API_NOT_FOUND: {
    retryable: false,
    means: 'Amazon does not know the id',
    nextStep: 'ask anew: reports end after 90 days, and ids belong to one seller',
  },
  SP_API_INVALID_INPUT: {
    retryable: false,
    means: 'Amazon refuses the request as it is',
    nextStep: 'change the request; the same one never succeeds',
  },
  SP_API_AMAZON_FAILED: {
    retryable: true,
    means:
      'Amazon failed: a 5xx, or an answer that is not what its model says; the call may have taken effect',
    nextStep: 'wait, look whether it took effect, and try again',
  },
  SP_API_NETWORK: {
    retryable: true,
    means: 'no whole answer came back: the call may have taken effect',
    nextStep: 'wait, look whether it took effect, and try again',
  },
  SP_API_DEADLINE: {
    retryable: true,
    means: 'no answer within the deadline: the call may have taken effect',
    nextStep: 'wait, look whether it took effect, and try again',
  },
  LWA_INVALID_GRANT: {
    retryable: false,
    means: 'the authorisation was revoked, or has ended after 365 days',
    nextStep: 'the seller authorises the application again',
  },
  LWA_INVALID_CLIENT: {
    retryable: false,
    means: "Login with Amazon refuses the application's own credentials",
    nextStep: 'check LWA_CLIENT_ID and LWA_CLIENT_SECRET: was the secret rotated?',
  },
  LWA_FAILED: {
    retryable: true,
    means: 'Login with Amazon does not answer, or throttles',
    nextStep: 'wait and try again',
  },
  DOCUMENT_ADDRESS_EXPIRED: {
    retryable: true,
    means: 'the address is older than five minutes',
    nextStep: 'ask getReportDocument for a fresh one',
  },
  DOCUMENT_ADDRESS_REFUSED: {
    retryable: false,
    means: 'the address does not lead to a document store of Amazon',
    nextStep: 'find out who gave it; nothing was read from or sent to it',
  },
  DOCUMENT_NETWORK: {
    retryable: true,
    means: 'the connection to the document store failed, or broke off',
    nextStep: 'read it from the start, with a fresh address',
  },
  DOCUMENT_DEADLINE: {
    retryable: true,
    means: 'the document did not come, or go, within its time',
    nextStep: 'read it from the start, with a fresh address',
  },
  DOCUMENT_STORE_FAILED: {
    retryable: true,
    means: 'the document store answered with an error',
    nextStep: 'wait and try again, with a fresh address',
  },
  DOCUMENT_DAMAGED: {
    retryable: false,
    means: 'the document came whole, and its gzip is cut or broken',
    nextStep: 'ask for another report of the same window',
  },
  DOCUMENT_TOO_LARGE: {
    retryable: false,
    means: 'the document has more bytes than are taken',
    nextStep: 'ask for shorter windows, or raise the limit',
  },
  DOCUMENT_BOMB: {
    retryable: false,
    means: 'the document unpacks to many times its size, as no report does',
    nextStep: 'find out who made it; nothing of it was kept',
  },
} as const satisfies Readonly<Record<string, Meaning>>

export type SpApiCode = keyof typeof errors

/** What a failed call tells beside its code. */
export type SpApiDetails = {
  readonly operation?: string
  readonly status?: number | undefined
  /** Amazon's id of the request: its support asks for it. */
  readonly requestId?: string | undefined
  readonly amazonCode?: string | undefined
  readonly networkCode?: string | undefined
  /** When to try again, milliseconds. */
  readonly retryAfterMs?: number | undefined
  /** How long the budget's queue is, milliseconds. */
  readonly waitMs?: number
}

/** A call to Amazon that failed. Holds no token, no address of a document, and no buyer data. */
export class SpApiError extends Fault {
  declare readonly code: SpApiCode
  declare readonly details: SpApiDetails

  constructor(
    code: SpApiCode,
    message: string,
    options: Omit<FaultOptions, 'retryable'> & { details?: SpApiDetails } = {},
  ) {
    super(code, message, { ...options, retryable: errors[code].retryable })
  }

  /** Who does what now, in words. */
  get nextStep(): string {
    return errors[this.code].nextStep
  }
}
