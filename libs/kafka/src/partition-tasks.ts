/** Runs one piece of work for each partition that is ours, and stops it when the partition goes. */
export class PartitionTasks {
  readonly #running = new Map<string, { stop: AbortController; ended: Promise<void> }>()
  readonly #start: (key: string, signal: AbortSignal) => Promise<void>
  readonly #fail: (error: unknown) => void

  /** @param start The work of one partition; it ends soon after its signal is aborted. A throw is a bug: `fail`. */
  constructor(start: (key: string, signal: AbortSignal) => Promise<void>, fail: (error: unknown) => void) {
    this.#start = start
    this.#fail = fail
  }

  /** Starts what is new, stops what is gone, leaves alone what stays. */
  assign(keys: readonly string[]): void {
    const wanted = new Set(keys)
    for (const [key, task] of this.#running) {
      if (!wanted.has(key)) task.stop.abort()
    }
    for (const key of wanted) {
      const before = this.#running.get(key)
      if (before && !before.stop.signal.aborted) continue
      const stop = new AbortController()
      const ended = (before?.ended ?? Promise.resolve())
        .then(() => this.#start(key, stop.signal))
        .catch(this.#fail)
        .finally(() => {
          if (this.#running.get(key)?.stop === stop) this.#running.delete(key)
        })
      this.#running.set(key, { stop, ended })
    }
  }

  /** Stops all work and waits for it to end. */
  async stop(): Promise<void> {
    for (const task of this.#running.values()) task.stop.abort()
    await Promise.all([...this.#running.values()].map((task) => task.ended))
  }
}
