import type { Plan } from './plans.ts'

/** Where the rate that holds now comes from. */
export type LearnedFrom = 'plan' | 'header' | 'throttled'

/**
 * A token bucket and what was learned about it. Instants are milliseconds of Postgres's clock; a rate is in calls a
 * second, and null while nothing is known of a limit of this scope.
 */
export interface Limit {
  readonly rate: number | null
  readonly burst: number
  /** What rate and burst recover to: the published plan, or what Amazon's header said last. */
  readonly plannedRate: number | null
  readonly plannedBurst: number
  readonly plannedFrom: 'plan' | 'header'
  readonly tokens: number
  readonly filledAt: number
  /** Nothing goes before: Amazon said so. */
  readonly blockedUntil: number | null
  /** When rate and burst were cut last, because of a 429. */
  readonly cutAt: number | null
  /** Calls that Amazon took since the rate was cut or raised. */
  readonly acceptedInRow: number
}

/** What an answer says about a quota. */
export interface Lesson {
  readonly rate: number | undefined
  readonly retryAfterMs?: number | undefined
}

/** Nothing is slower: "once in an hour" is the tightest limit that was ever seen. */
const SLOWEST_RATE = 1 / 3600
/** After so many calls without a 429 the rate is raised by a quarter: it is found again in steps, not by a new burst. */
const RAISE_AFTER_CALLS = 5
const RAISE_BY = 1.25
/** A cut is forgotten after six hours without another: whatever else used the quota has ended. */
const FORGET_AFTER_MS = 6 * 3_600_000

/** What seconds and parts of tokens lose when they are added up. */
const ROUNDING = 1e-9

/** A limit of a plan, rested. */
export const planned = ({ rate, burst }: Plan, now: number): Limit => ({
  rate,
  burst,
  plannedRate: rate,
  plannedBurst: burst,
  plannedFrom: 'plan',
  tokens: burst,
  filledAt: now,
  blockedUntil: null,
  cutAt: null,
  acceptedInRow: 0,
})

/** No limit of its own. */
export const unlimited = (now: number): Limit => ({
  ...planned({ rate: 0, burst: 1 }, now),
  rate: null,
  plannedRate: null,
})

/** A limit as it stands now. A clock that went back adds nothing. */
export function filled(limit: Limit, now: number): Limit {
  const { cutAt, plannedRate, plannedBurst } = limit
  const forgotten = cutAt !== null && now - cutAt > FORGET_AFTER_MS
  const { rate, burst } = forgotten ? { rate: plannedRate, burst: plannedBurst } : limit
  const added = ((rate ?? 0) * Math.max(0, now - limit.filledAt)) / 1000
  const blocked = limit.blockedUntil !== null && limit.blockedUntil > now
  return {
    ...limit,
    rate,
    burst,
    cutAt: forgotten ? null : cutAt,
    tokens: Math.min(burst, limit.tokens + added),
    filledAt: now,
    blockedUntil: blocked ? limit.blockedUntil : null,
  }
}

/** How long a call waits for a limit, milliseconds, that has so many others ahead and leaves `reserve` tokens; 0: it may go. */
export function waitOf({ rate, tokens, blockedUntil, filledAt }: Limit, ahead: number, reserve = 0): number {
  const blockedMs = Math.max(0, (blockedUntil ?? 0) - filledAt)
  if (rate === null) return blockedMs
  const missing = ahead + 1 + reserve - tokens
  return Math.max(blockedMs, missing <= ROUNDING ? 0 : (missing / rate) * 1000)
}

/** One call goes out. */
export const taken = (limit: Limit): Limit =>
  limit.rate === null ? limit : { ...limit, tokens: Math.max(0, limit.tokens - 1) }

/**
 * Amazon refused a call: the bucket is empty, and smaller than was thought. Answers to calls that were under way at the
 * first 429 tell nothing new, so a limit is cut once in the time of one call.
 *
 * @param otherwise The rate of a limit that was not known until now.
 */
export function throttled(
  limit: Limit,
  { rate, retryAfterMs }: Lesson,
  otherwise: number,
  now: number,
): Limit {
  const before = filled(limit, now)
  const known = before.rate ?? otherwise
  const news = before.rate === null || before.cutAt === null || now - before.cutAt >= 1000 / known
  const slower = before.rate === null || !news ? known : Math.max(SLOWEST_RATE, known / 2)
  const blockedUntil =
    retryAfterMs === undefined ? before.blockedUntil : Math.max(before.blockedUntil ?? 0, now + retryAfterMs)
  return {
    ...before,
    ...(rate !== undefined && { plannedRate: rate, plannedFrom: 'header' }),
    rate: rate ?? slower,
    burst: before.rate === null ? 1 : news ? Math.max(1, Math.floor(before.burst / 2)) : before.burst,
    tokens: 0,
    blockedUntil,
    cutAt: news ? now : before.cutAt,
    acceptedInRow: 0,
  }
}

/** Amazon took a call. A rate in its header that is new holds at once; a rate that was cut is raised step by step. */
export function accepted(limit: Limit, { rate }: Lesson, now: number): Limit {
  const before = filled(limit, now)
  if (rate !== undefined && rate !== before.plannedRate)
    return { ...before, plannedRate: rate, plannedFrom: 'header', rate, acceptedInRow: 0 }
  const told: Limit = rate === undefined ? before : { ...before, plannedFrom: 'header' }
  if (isAsPlanned(told)) return told
  if (told.acceptedInRow + 1 < RAISE_AFTER_CALLS) return { ...told, acceptedInRow: told.acceptedInRow + 1 }
  return {
    ...told,
    rate:
      told.rate === null
        ? null
        : Math.min(told.rate * RAISE_BY, told.plannedRate ?? Number.POSITIVE_INFINITY),
    burst: Math.min(told.burst + 1, told.plannedBurst),
    acceptedInRow: 0,
  }
}

const isAsPlanned = ({ rate, plannedRate, burst, plannedBurst }: Limit) =>
  rate === plannedRate && burst === plannedBurst

export const learnedFrom = (limit: Limit): LearnedFrom =>
  isAsPlanned(limit) ? limit.plannedFrom : 'throttled'
