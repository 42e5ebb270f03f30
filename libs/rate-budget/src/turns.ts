/** Runs one piece of work at a time. Lessons go before questions: no call goes out on what is known to be wrong. */
export class Turns {
  readonly #lessons: (() => Promise<void>)[] = []
  readonly #questions: (() => Promise<void>)[] = []
  #running = false

  run<T>(kind: 'lesson' | 'question', work: () => Promise<T>): Promise<T> {
    const done = Promise.withResolvers<T>()
    const queue = kind === 'lesson' ? this.#lessons : this.#questions
    queue.push(() => work().then(done.resolve, done.reject))
    if (!this.#running) void this.#runAll()
    return done.promise
  }

  async #runAll(): Promise<void> {
    this.#running = true
    for (;;) {
      const next = this.#lessons.shift() ?? this.#questions.shift()
      if (!next) break
      await next()
    }
    this.#running = false
  }
}
