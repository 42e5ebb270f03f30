import type { FetchedBatch, PartitionReader } from './partition-reader.ts'

/** How long a fetch waits for new records. */
const FETCH_WAIT_MS = 500

/** No fetch is begun while more than this is read and not taken, as bytes on the wire. */
const QUEUED_BYTES = 8 * 1024 * 1024

/**
 * Reads ahead while what was read before is worked on. After `close`, or an error, the reader stands anywhere.
 *
 * Of several partitions, what is taken together is of one time, as far as it was read: a join that met all rows of a
 * fetch before the orders of the same days would say `WAITING` of each, and say it again a moment later.
 */
export class FetchQueue {
  readonly #reader: Pick<PartitionReader, 'fetch'>
  readonly #signal: AbortSignal
  /** By topic and partition, in the order of the log; none is empty. */
  readonly #queues = new Map<string, FetchedBatch[]>()
  /** Partitions whose log held more than was fetched. */
  readonly #behind = new Set<string>()
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
   * Takes what is there, of all partitions of the reader, each in order; waits where nothing is, and for a partition that
   * has more in its log while it is being fetched.
   *
   * @returns batches without a gap, of `mostRecords` at most together, those that begin earlier first. Empty when the
   *   signal ended the wait.
   * @throws what a fetch threw, once all that was read before is taken.
   */
  async take(mostRecords: number): Promise<FetchedBatch[]> {
    this.#readAhead()
    while ((this.#queues.size === 0 || this.#isOneComing()) && !this.#signal.aborted) {
      if (this.#failure) throw this.#failure.error
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const counts = countsOfOneTime([...this.#queues.values()], mostRecords)
    const taken = [...this.#queues.keys()].flatMap((key, n) => this.#takeFrom(key, counts[n] as number))
    taken.sort((a, b) => firstTime(a) - firstTime(b))
    this.#readAhead()
    return taken
  }

  #isOneComing(): boolean {
    return this.#fetching && [...this.#behind].some((key) => !this.#queues.has(key))
  }

  /** The first records of one partition; and batches that have none, where nothing stands before them. */
  #takeFrom(key: string, count: number): FetchedBatch[] {
    const queue = this.#queues.get(key) ?? []
    const taken: FetchedBatch[] = []
    for (let left = count; queue[0] && (left > 0 || queue[0].records.length === 0); ) {
      const [batch, rest] = splitAt(queue[0], left)
      if (rest) queue[0] = rest
      else queue.shift()
      taken.push(batch)
      left -= batch.records.length
      this.#queuedBytes -= batch.bytes
    }
    if (queue.length === 0) this.#queues.delete(key)
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
      const key = `${batch.topic}/${batch.partition}`
      if (batch.nextOffset < batch.endOffset) this.#behind.add(key)
      else this.#behind.delete(key)
      if (batch.nextOffset === batch.fetchOffset) continue
      const queue = this.#queues.get(key)
      if (queue) queue.push(batch)
      else this.#queues.set(key, [batch])
      this.#queuedBytes += batch.bytes
    }
  }
}

/**
 * How many records to take of each partition, so that they are of one time: as if each next record were the oldest of those
 * that stand first. Ends where a partition has no more here but more in its log.
 */
function countsOfOneTime(queues: readonly (readonly FetchedBatch[])[], mostRecords: number): number[] {
  const counts = queues.map(() => 0)
  const places = queues.map(() => ({ batch: 0, record: 0 }))
  const isBehind = (queue: readonly FetchedBatch[]) => {
    const last = queue.at(-1)
    return last !== undefined && last.nextOffset < last.endOffset
  }
  for (let left = mostRecords; left > 0; left--) {
    let oldest = -1
    let oldestTime = Number.POSITIVE_INFINITY
    for (const [n, queue] of queues.entries()) {
      const time = timeAt(queue, places[n] as Place)
      if (time === undefined) {
        if (isBehind(queue) && left < mostRecords) return counts
      } else if (time < oldestTime) {
        oldest = n
        oldestTime = time
      }
    }
    if (oldest < 0) break
    counts[oldest] = (counts[oldest] as number) + 1
    ;(places[oldest] as Place).record += 1
  }
  return counts
}

interface Place {
  batch: number
  record: number
}

/** Time of the record at a place, which moves on to the next batch where one has ended; undefined behind the last. */
function timeAt(queue: readonly FetchedBatch[], place: Place): number | undefined {
  for (let batch = queue[place.batch]; batch; batch = queue[++place.batch]) {
    const record = batch.records[place.record]
    if (record) return record.timestamp
    place.record = 0
  }
  return undefined
}

const firstTime = ({ records }: FetchedBatch): number => records[0]?.timestamp ?? 0

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
