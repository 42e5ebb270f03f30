import { Fault, type ReturnOrder } from '@backhaul/domain'
import type { InputRecord } from '@backhaul/kafka'
import type { ErrorCode } from '../errors.ts'

/** What a record asks the sink to do, with the offset that orders it. */
export type Change = EventChange | Deletion

export interface EventChange {
  readonly kind: 'event'
  readonly offset: bigint
  readonly event: ReturnOrder
}

export interface Deletion {
  readonly kind: 'deletion'
  readonly offset: bigint
  readonly returnOrderId: string
  readonly deletedAt: number
}

/**
 * Reads one record of `return-orders.v1`: an event, or a tombstone as a deletion.
 *
 * @throws Fault `CONTRACT_BROKEN`, or the record's own `UNDECODABLE_…`: known bad data.
 */
export function readReturn(record: InputRecord<'return-orders.v1'>): Change {
  const { undecodable, key, value, offset, timestamp } = record
  if (undecodable) throw undecodable
  if (key === null) throw broken(record, 'has no key')
  if (value === null) return { kind: 'deletion', offset, returnOrderId: key, deletedAt: timestamp }
  if (value.returnOrderId !== key) throw broken(record, 'has the key of another return')
  return { kind: 'event', offset, event: value }
}

function broken({ topic, partition, offset }: InputRecord, what: string): Fault {
  return new Fault('CONTRACT_BROKEN' satisfies ErrorCode, `${topic}/${partition}@${offset} ${what}`)
}
