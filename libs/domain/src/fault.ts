/** What a fault says beside its code and message. Never secrets, never buyer data. */
export interface FaultOptions {
  /** True when the same call may succeed later: wait and try again in place. */
  readonly retryable?: boolean
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/**
 * An expected failure, classified once where it happens.
 *
 * `code` is from the closed list of the package that throws it. A retryable fault is waited out with backoff;
 * any other is bad data (dead letter) or a clear stop, never silence.
 */
export class Fault extends Error {
  readonly code: string
  readonly retryable: boolean
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: string, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.retryable = options.retryable ?? false
    this.details = options.details ?? {}
  }
}

/** True for faults that waiting may mend. */
export function isRetryable(error: unknown): boolean {
  return error instanceof Fault && error.retryable
}
