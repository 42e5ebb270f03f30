import { Fault } from '@backhaul/domain'
import { DEAD_LETTER_SHARE_LIMIT } from '@backhaul/runtime'

/** Records that the share is taken over. */
const WINDOW_RECORDS = 10_000

/** Fewer records say nothing: one bad among fifty is no systematic fault. */
const LEAST_RECORDS = 1_000

/** Where a batch came from. */
interface Origin {
  readonly topic: string
  readonly partition: number
}

/** Records, and how many of them went to the dead letters, by code and step. */
interface Batch {
  readonly records: number
  readonly rejected: ReadonlyMap<string, number>
}

/**
 * How many of the last records of this process went to the dead letters. Single ones are bad data, many are a fault of ours
 * or of a producer: going on would move them all out of the flow.
 */
export class DeadLetterShare {
  readonly #limit: number
  readonly #open = new Map<string, Map<string, number>>()
  readonly #window: Batch[] = []
  #records = 0

  /** @param limit Share, 0 to 1, above which `settle` throws. */
  constructor(limit: number = DEAD_LETTER_SHARE_LIMIT) {
    this.#limit = limit
  }

  /** Counts a record of a batch that is not committed yet. */
  reject(origin: Origin, code: string, step: string): void {
    const key = keyOf(origin)
    const rejected = this.#open.get(key) ?? new Map<string, number>()
    this.#open.set(key, rejected)
    const cause = `${code} in step ${step}`
    rejected.set(cause, (rejected.get(cause) ?? 0) + 1)
  }

  /** Forgets what was counted of a batch: it is tried again. */
  forget(origin: Origin): void {
    this.#open.delete(keyOf(origin))
  }

  /**
   * Takes a batch into the window once it is committed.
   *
   * @throws Fault `DEAD_LETTER_SHARE`, not retryable: the share is above the limit.
   */
  settle(origin: Origin, records: number): void {
    const rejected: Batch['rejected'] = this.#open.get(keyOf(origin)) ?? new Map()
    this.forget(origin)
    this.#window.push({ records, rejected })
    this.#records += records
    for (
      let oldest = this.#window[0];
      oldest && this.#records - oldest.records >= WINDOW_RECORDS;
      [oldest] = this.#window
    ) {
      this.#records -= oldest.records
      this.#window.shift()
    }
    if (rejected.size > 0 && this.#records >= LEAST_RECORDS) this.#check()
  }

  #check(): void {
    const causes = new Map<string, number>()
    for (const { rejected } of this.#window) {
      for (const [cause, count] of rejected) causes.set(cause, (causes.get(cause) ?? 0) + count)
    }
    const rejected = [...causes.values()].reduce((sum, count) => sum + count, 0)
    const share = rejected / this.#records
    if (share <= this.#limit) return
    const [[cause, count]] = [...causes].sort(([, a], [, b]) => b - a) as [[string, number]]
    throw new Fault(
      'DEAD_LETTER_SHARE',
      `${rejected} of the last ${this.#records} records went to the dead letters: ${percent(share)}, where ${percent(this.#limit)} is the limit. ` +
        `${count} of them: ${cause}. They are committed; nothing after them was read. Look at them and mend the cause. ` +
        'If they are refused rightly, raise DEAD_LETTER_SHARE_LIMIT (1 never stops) and start again: it goes on behind them',
      { details: { records: this.#records, rejected, share, limit: this.#limit, cause, ofCause: count } },
    )
  }
}

const keyOf = ({ topic, partition }: Origin) => `${topic}/${partition}`

const percent = (share: number) => `${Number((share * 100).toPrecision(3))} %`
