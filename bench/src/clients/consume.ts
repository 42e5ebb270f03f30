/** How a consumer is measured. */
export interface ConsumeTask {
  readonly brokers: string
  readonly registry: string
  readonly prefix: string
  /** Records in the topic, over its partitions. */
  readonly records: number
  readonly partitions: number
}

/** Most bytes of a fetch, and of one partition in it: the same for all. */
export const FETCH_BYTES = 8 * 1024 * 1024
export const PARTITION_BYTES = 4 * 1024 * 1024

/** Begins with the first records: what comes before, joining a group too, is not reading. */
export class Clock {
  #began: number | undefined
  #uncounted = 0
  #records = 0
  #bytes = 0

  /** @returns Records so far. */
  read(records: readonly { value: Buffer | null }[]): number {
    if (records.length > 0 && this.#began === undefined) {
      this.#began = performance.now()
      this.#uncounted = records.length
    }
    this.#records += records.length
    for (const { value } of records) this.#bytes += value?.length ?? 0
    return this.#records
  }

  sample() {
    const seconds = (performance.now() - (this.#began ?? 0)) / 1_000
    return {
      recordsPerSecond: (this.#records - this.#uncounted) / seconds,
      mebibytesPerSecond: this.#bytes / seconds / 2 ** 20,
      seconds,
    }
  }
}
