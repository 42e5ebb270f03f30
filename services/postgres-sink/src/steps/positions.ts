import { Fault } from '@backhaul/domain'
import type { PoolClient } from 'pg'

/** A partition as its owner has it. */
export interface Owned {
  readonly topic: string
  readonly partition: number
  /** Raised with each owner: writes of an earlier one find another number and change nothing. */
  readonly epoch: bigint
  /** Where to read on; null when nothing was read yet. */
  readonly nextOffset: bigint | null
}

/** Where a partition stands, without taking it; null when nothing of it was ever stored. */
export async function storedOffset(
  client: PoolClient,
  topic: string,
  partition: number,
): Promise<bigint | null> {
  const text = 'SELECT next_offset FROM sink_offsets WHERE topic = $1 AND partition = $2'
  const { rows } = await client.query(text, [topic, partition])
  const stored: string | null = rows[0]?.next_offset ?? null
  return stored === null ? null : BigInt(stored)
}

/** Takes a partition: raises its epoch and tells where to read on, whatever Kafka says. */
export async function takePartition(client: PoolClient, topic: string, partition: number): Promise<Owned> {
  const { rows } = await client.query(
    `INSERT INTO sink_offsets AS o (topic, partition, epoch) VALUES ($1, $2, 1)
     ON CONFLICT (topic, partition) DO UPDATE SET epoch = o.epoch + 1 RETURNING next_offset, epoch`,
    [topic, partition],
  )
  const { next_offset: nextOffset, epoch } = rows[0]
  return {
    topic,
    partition,
    epoch: BigInt(epoch),
    nextOffset: nextOffset === null ? null : BigInt(nextOffset),
  }
}

/**
 * Moves the position inside the transaction that stores the rows: the fence against a late owner.
 *
 * @throws Fault `FENCED`, retryable: another owner has the partition, or this batch was written before.
 */
export async function movePosition(client: PoolClient, owned: Owned, nextOffset: bigint): Promise<void> {
  const { rowCount } = await client.query({
    name: 'move-position',
    text: `UPDATE sink_offsets SET next_offset = $4
           WHERE topic = $1 AND partition = $2 AND epoch = $3 AND next_offset IS NOT DISTINCT FROM $5`,
    values: [
      owned.topic,
      owned.partition,
      String(owned.epoch),
      String(nextOffset),
      owned.nextOffset?.toString() ?? null,
    ],
  })
  if (rowCount === 1) return
  const message = `Another owner has ${owned.topic}/${owned.partition}: nothing was written`
  throw new Fault('FENCED', message, { retryable: true })
}
