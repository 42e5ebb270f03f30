import type { FetchedBatch, PartitionReader } from './partition-reader.ts'

/** How long a fetch waits for new records. */
const FETCH_WAIT_MS = 500

/** No fetch is begun while more than this is read and not taken, as bytes on the wire. */
const QUEUED_BYTES = 8 * 1024 * 1024

/** Reads ahead while what was read before is worked on. After `close`, or an error, the reader stands anywhere. */
export class FetchQueue {
  readonly #reader: Pick<PartitionReader, 'fetch'>
  readonly #signal: AbortSignal
  readonly #queue: FetchedBatch[] = []
  #queuedBytes = 0
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
   * Takes what is there, of all partitions of the reader, in order; waits where nothing is.
   *
   * @returns batches without a gap, of `mostRecords` at most together. Empty when the signal ended the wait.
   * @throws what a fetch threw, once all that was read before is taken.
   */
  async take(mostRecords: number): Promise<FetchedBatch[]> {
    this.#readAhead()
    while (this.#queue.length === 0 && !this.#signal.aborted) {
      if (this.#failure) throw this.#failure.error
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const taken: FetchedBatch[] = []
    for (let left = mostRecords; left > 0 && this.#queue.length > 0; ) {
      const [batch, rest] = splitAt(this.#queue.shift() as FetchedBatch, left)
      if (rest) this.#queue.unshift(rest)
      taken.push(batch)
      left -= batch.records.length
      this.#queuedBytes -= batch.bytes
    }
    this.#readAhead()
    return taken
  }

  /** Begins no other fetch. One in flight ends when the reader is closed. */
  close(): void {
    this.#closed = true
  }

  #readAhead(): void {
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
      if (batch.nextOffset === batch.fetchOffset) continue
      this.#queue.push(batch)
      this.#queuedBytes += batch.bytes
    }
  }
}

/** The first records of a batch, and what is left of it. The bytes count with what is left last. */
export function splitAt(batch: FetchedBatch, count: number): [FetchedBatch, FetchedBatch | null] {
  const { records } = batch
  const next = records[count]
  if (!next) return [batch, null]
  return [
    { ...batch, records: records.slice(0, count), nextOffset: next.offset, bytes: 0 },
    { ...batch, records: records.slice(count), fetchOffset: next.offset },
  ]
}
