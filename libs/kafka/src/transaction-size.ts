/** How long a transaction may take: outputs are seen at its end, and it must stay far below Kafka's time-out. */
const TARGET_MS = 100

export const FIRST_RECORDS = 1_000
/** A broker that is slow to answer makes small transactions as long: with fewer records they would be mostly waiting. */
const LEAST_RECORDS = 400
const MOST_RECORDS = 10_000

/** Most times by which one transaction changes the size: one slow answer of a broker says little. */
const MOST_CHANGE = 2

/**
 * How many records the next transaction takes at most.
 *
 * @param size What the last one might take. @param records What it took. @param tookMs From its first record to its commit.
 */
export function nextTransactionSize(size: number, records: number, tookMs: number): number {
  const isFull = records >= size
  if (!isFull && tookMs <= TARGET_MS) return size
  const change = Math.min(Math.max(TARGET_MS / tookMs, 1 / MOST_CHANGE), MOST_CHANGE)
  return Math.round(Math.min(Math.max(size * change, LEAST_RECORDS), MOST_RECORDS))
}
