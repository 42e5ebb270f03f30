import { pause } from '@backhaul/runtime'
import { PartitionQueue } from './partition-queue.ts'
import type { FetchedBatch, PartitionReader } from './partition-reader.ts'

/** How long a fetch waits for new records. */
const FETCH_WAIT_MS = 500

/**
 * At the end of the log, takes are so far apart. A transaction costs the brokers as much for one record as for a hundred:
 * without a pause, records that trickle in keep them busy with hundreds of transactions a second, which makes each slow.
 */
const APART_MS = 50

/** No fetch is begun while more than this is read and not taken, as bytes on the wire. */
const QUEUED_BYTES = 8 * 1024 * 1024

/**
 * Reads ahead while what was read before is worked on, as far as the log holds more; at its end, one fetch brings what has
 * come since. After `close`, or an error, the reader stands anywhere.
 *
 * Of several partitions, the oldest record comes first, as far as they were read. A join that met all rows of a fetch before
 * the orders of the same days would say `WAITING` of each, and say it again a moment later: a sixth more events.
 */
export class FetchQueue {
  readonly #reader: Pick<PartitionReader, 'fetch'>
  readonly #signal: AbortSignal
  /** By topic and partition; none is empty. */
  readonly #queues = new Map<string, PartitionQueue>()
  /** Partitions whose log held more than was fetched. */
  readonly #behind = new Set<string>()
  #queuedBytes = 0
  #lastTaken = Number.NEGATIVE_INFINITY
  #fetching = false
  #failure: { error: unknown } | undefined
  #closed = false
  #wake = () => {}

  /** @param signal Ends a `take` that waits. */
  constructor(reader: Pick<PartitionReader, 'fetch'>, signal: AbortSignal) {
    this.#reader = reader
    this.#signal = signal
    signal.addEventListener('abort', () => this.#wake(), { once: true })
  }

  /**
   * Takes what is there, of all partitions of the reader, each in order; waits where nothing is, and for a partition that
   * has more in its log while it is being fetched. At the end of the log, 50 ms after the last take at the earliest.
   *
   * @returns batches without a gap, of `mostRecords` at most together. Empty when the signal ended the wait.
   * @throws what a fetch threw, once all that was read before is taken.
   */
  async take(mostRecords: number): Promise<FetchedBatch[]> {
    const early = this.#lastTaken + APART_MS - performance.now()
    if (this.#isAtEnd && early > 0) await pause(early, this.#signal)
    while ((this.#queues.size === 0 || this.#isOneComing()) && !this.#signal.aborted) {
      if (this.#failure) throw this.#failure.error
      this.#fetch()
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const taken: FetchedBatch[] = []
    for (let left = mostRecords; left > 0 && this.#queues.size > 0; ) {
      // What has more in its log would be missing among what comes now.
      if (taken.length > 0 && this.#isOneMissing()) break
      const batch = this.#takeOldest(left)
      taken.push(batch)
      left -= batch.records.length
      this.#queuedBytes -= batch.bytes
    }
    this.#lastTaken = performance.now()
    this.#readAhead()
    return taken
  }

  /** Of the partition whose first record is the oldest, those that are no younger than the first of any other. */
  #takeOldest(mostRecords: number): FetchedBatch {
    let [oldestKey, oldestTime, limit] = ['', Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
    for (const [key, { time = 0 }] of this.#queues) {
      if (time < oldestTime) [oldestKey, oldestTime, limit] = [key, time, oldestTime]
      else if (time < limit) limit = time
    }
    const queue = this.#queues.get(oldestKey) as PartitionQueue
    const batch = queue.takeUntil(limit, mostRecords)
    if (queue.isEmpty) this.#queues.delete(oldestKey)
    return batch
  }

  #isOneMissing(): boolean {
    for (const key of this.#behind) if (!this.#queues.has(key)) return true
    return false
  }

  #isOneComing(): boolean {
    return this.#fetching && this.#isOneMissing()
  }

  /** Begins no other fetch. One in flight ends when the reader is closed. */
  close(): void {
    this.#closed = true
  }

  get #isAtEnd(): boolean {
    return this.#queues.size === 0 && this.#behind.size === 0
  }

  #readAhead(): void {
    if (this.#behind.size > 0) this.#fetch()
  }

  #fetch(): void {
    const full = this.#queuedBytes > QUEUED_BYTES
    if (this.#fetching || this.#failure || this.#closed || this.#signal.aborted || full) return
    this.#fetching = true
    this.#reader
      .fetch(FETCH_WAIT_MS)
      .then((batches) => this.#add(batches))
      .catch((error) => {
        this.#failure = { error }
      })
      .finally(() => {
        this.#fetching = false
        this.#readAhead()
        this.#wake()
      })
  }

  #add(batches: readonly FetchedBatch[]): void {
    for (const batch of batches) {
      const key = `${batch.topic}/${batch.partition}`
      if (batch.nextOffset < batch.endOffset) this.#behind.add(key)
      else this.#behind.delete(key)
      if (batch.nextOffset === batch.fetchOffset) continue
      const queue = this.#queues.get(key) ?? new PartitionQueue()
      queue.push(batch)
      this.#queues.set(key, queue)
      this.#queuedBytes += batch.bytes
    }
  }
}
