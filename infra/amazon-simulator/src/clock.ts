const DAY_MS = 86_400_000

/** How far behind real time the demo's days begin, so that they can be moved forward. */
export const HEADROOM_DAYS = 14

/**
 * Amazon's time, and the day at which the sellers' story stands.
 *
 * Unless told otherwise it is real time, and the story lags `HEADROOM_DAYS` behind, so that days can be let pass while
 * report windows stay in the real past. Once it was set, it is a clock of its own and runs at any speed. Report states,
 * schedules and rows follow it; token and address lives stay in real time, because callers measure them with clocks of
 * their own.
 */
export class Clock {
  #movedDays: number
  #own: { readonly at: number; readonly realAt: number; readonly speed: number } | null = null
  readonly #onMove: (movedDays: number) => void

  /** @param onMove Told how many days the story was moved in all, so that a restart can go on there. */
  constructor(movedDays = 0, onMove: (movedDays: number) => void = () => {}) {
    this.#movedDays = movedDays
    this.#onMove = onMove
  }

  /** Amazon's time, milliseconds. */
  now(): number {
    if (!this.#own) return Date.now()
    const { at, realAt, speed } = this.#own
    return at + (Date.now() - realAt) * speed
  }

  /** The moment up to which the sellers' returns have happened. */
  storyNow(): number {
    return this.now() - this.lagMs
  }

  get lagMs(): number {
    return this.daysLeft * DAY_MS
  }

  /** Days that the story can still be moved. */
  get daysLeft(): number {
    return HEADROOM_DAYS - this.#movedDays
  }

  get speed(): number {
    return this.#own?.speed ?? 1
  }

  /** Makes it a clock of its own. What is left out stays as it is. */
  set({ at = this.now(), speed = this.speed }: { at?: number; speed?: number }): void {
    this.#own = { at, realAt: Date.now(), speed }
  }

  /** Lets time pass at once, for reports and story alike. */
  advance(ms: number): void {
    this.set({ at: this.now() + ms })
  }

  /** Moves the story towards real time. @returns False when it would pass real time; nothing is moved then. */
  move(days: number): boolean {
    if (days > this.daysLeft) return false
    this.#movedDays += days
    this.#onMove(this.#movedDays)
    return true
  }

  reset(): void {
    this.#own = null
    this.#movedDays = 0
    this.#onMove(0)
  }
}
