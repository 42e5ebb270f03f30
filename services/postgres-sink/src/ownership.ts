import { Fault } from '@backhaul/domain'
import type pg from 'pg'
import { inTransaction } from './adapters/postgres.ts'
import type { ErrorCode } from './errors.ts'

/** One partition as its owner knows it. Another owner has another epoch. */
export interface Ownership {
  readonly topic: string
  readonly partition: number
  readonly epoch: bigint
  /** Offset of the next record to store; null before the first. */
  readonly nextOffset: bigint | null
}

/** Where a partition stands, without taking it; null when nothing of it was ever stored. */
export async function storedOffset(pool: pg.Pool, topic: string, partition: number): Promise<bigint | null> {
  const text = 'SELECT next_offset FROM returns.sink_offsets WHERE topic = $1 AND partition = $2'
  const { rows } = await inTransaction(pool, (client) => client.query(text, [topic, partition]))
  return toOffset(rows[0]?.next_offset)
}

/** Takes a partition: whoever held it before can store nothing more. */
export async function takePartition(pool: pg.Pool, topic: string, partition: number): Promise<Ownership> {
  const text = `INSERT INTO returns.sink_offsets AS t (topic, partition, next_offset, epoch) VALUES ($1, $2, NULL, 1)
ON CONFLICT (topic, partition) DO UPDATE SET epoch = t.epoch + 1 RETURNING next_offset, epoch`
  const { rows } = await inTransaction(pool, (client) => client.query(text, [topic, partition]))
  return { topic, partition, epoch: BigInt(rows[0].epoch), nextOffset: toOffset(rows[0].next_offset) }
}

/**
 * Moves the position inside the transaction that stores the rows: the fence against an old owner.
 *
 * @throws Fault `PARTITION_TAKEN_OVER`, retryable by opening the partition again.
 */
export async function moveTo(client: pg.ClientBase, owned: Ownership, nextOffset: bigint): Promise<void> {
  const { topic, partition, epoch, nextOffset: expected } = owned
  const { rowCount } = await client.query({
    name: 'sink_offsets-move',
    text: `UPDATE returns.sink_offsets SET next_offset = $1::bigint
WHERE topic = $2 AND partition = $3 AND epoch = $4 AND next_offset IS NOT DISTINCT FROM $5::bigint`,
    values: [nextOffset, topic, partition, epoch, expected],
  })
  if (rowCount === 1) return
  const code: ErrorCode = 'PARTITION_TAKEN_OVER'
  throw new Fault(code, `${topic}/${partition} has another owner than epoch ${epoch}, nothing was stored`, {
    retryable: true,
    details: { topic, partition, epoch: String(epoch), expected: String(expected) },
  })
}

const toOffset = (text: string | null | undefined): bigint | null =>
  text === null || text === undefined ? null : BigInt(text)
