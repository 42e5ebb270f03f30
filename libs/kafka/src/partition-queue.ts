import type { FetchedBatch } from './partition-reader.ts'

/** Batches of one partition that were read and not taken, in the order of the log. */
export class PartitionQueue {
  readonly #batches: FetchedBatch[] = []
  /** The first record of the first batch that was not taken. */
  #at = 0

  push(batch: FetchedBatch): void {
    this.#batches.push(batch)
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0
  }

  /** Time of the first record; of none, where a batch without records comes first, before all. Undefined when empty. */
  get time(): number | undefined {
    const batch = this.#batches[0]
    if (!batch) return undefined
    return batch.records[this.#at]?.timestamp ?? Number.NEGATIVE_INFINITY
  }

  /**
   * Takes the first record and those behind it, of one batch, up to a time.
   *
   * @returns them as a batch without a gap to the one before. The bytes count with the last of a batch.
   */
  takeUntil(time: number, mostRecords: number): FetchedBatch {
    const batch = this.#batches[0] as FetchedBatch
    const { records } = batch
    const start = this.#at
    let end = Math.min(start + 1, records.length)
    for (const most = Math.min(start + mostRecords, records.length); end < most; end++) {
      if ((records[end]?.timestamp as number) > time) break
    }
    const next = records[end]
    if (next) this.#at = end
    else {
      this.#at = 0
      this.#batches.shift()
      if (start === 0) return batch
    }
    return {
      ...unread(batch),
      records: records.slice(start, end),
      fetchOffset: start === 0 ? batch.fetchOffset : (records[start]?.offset as bigint),
      nextOffset: next ? next.offset : batch.nextOffset,
      bytes: next ? 0 : batch.bytes,
    }
  }
}

const unread = ({ topic, partition, endOffset }: FetchedBatch) => ({ topic, partition, endOffset })
