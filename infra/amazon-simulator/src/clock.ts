const DAY_MS = 86_400_000

/** How far behind real time the simulated days begin, so that they can be moved forward. */
export const HEADROOM_DAYS = 14

/** Simulated time: runs with real time, `HEADROOM_DAYS` behind, and is moved forward by hand, never past real time. */
export class Clock {
  #movedDays: number
  readonly #onMove: (movedDays: number) => void

  /** @param onMove Told how many days it was moved in all, so that a restart can go on there. */
  constructor(movedDays = 0, onMove: (movedDays: number) => void = () => {}) {
    this.#movedDays = movedDays
    this.#onMove = onMove
  }

  now(): number {
    return Date.now() - (HEADROOM_DAYS - this.#movedDays) * DAY_MS
  }

  get daysLeft(): number {
    return HEADROOM_DAYS - this.#movedDays
  }

  /** @returns False when it would pass real time; nothing is moved then. */
  move(days: number): boolean {
    if (days > this.daysLeft) return false
    this.#movedDays += days
    this.#onMove(this.#movedDays)
    return true
  }

  reset(): void {
    this.#movedDays = 0
    this.#onMove(0)
  }
}
