/**
 * How long the work of a transaction may take: outputs are seen at its end, some 100 ms after its first record, and it must
 * stay far below Kafka's time-out. The commit does not count: smaller transactions would not make a slow broker faster,
 * and other partitions work meanwhile.
 */
const TARGET_MS = 80

export const FIRST_RECORDS = 1_000
/** With fewer records a transaction would be mostly commit. */
const LEAST_RECORDS = 100
const MOST_RECORDS = 10_000

/** Most times by which one transaction changes the size: one slow answer of a broker says little. */
const MOST_CHANGE = 2

/**
 * How many records the next transaction takes at most.
 *
 * @param size What the last one might take. @param records What it took. @param tookMs From its first record to the last one's outputs.
 */
export function nextTransactionSize(size: number, records: number, tookMs: number): number {
  const isFull = records >= size
  if (!isFull && tookMs <= TARGET_MS) return size
  const change = Math.min(Math.max(TARGET_MS / tookMs, 1 / MOST_CHANGE), MOST_CHANGE)
  return Math.round(Math.min(Math.max(size * change, LEAST_RECORDS), MOST_RECORDS))
}
