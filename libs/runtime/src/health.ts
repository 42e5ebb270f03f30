/** What keeps a service from being ready, by part. */
export class Health {
  #waiting = new Map<string, string>([['service', 'starting']])

  /** Marks a part as not ready, with the reason in words. */
  wait(part: string, reason: string): void {
    this.#waiting.set(part, reason)
  }

  /** Marks a part as ready. */
  ok(part: string): void {
    this.#waiting.delete(part)
  }

  /** Reasons by part; empty when ready. */
  get reasons(): Record<string, string> {
    return Object.fromEntries(this.#waiting)
  }
}
