import { within as withinOrElse } from '@backhaul/runtime'

/**
 * Waits for something that must not take longer.
 *
 * @throws Error that says what was not done in time; it may go on behind it.
 */
export const within = <T>(what: string, limitMs: number, work: Promise<T>): Promise<T> =>
  withinOrElse(limitMs, work, () => new Error(`${what} took more than ${limitMs / 1000} s`))
