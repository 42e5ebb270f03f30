import { Fault } from '@backhaul/domain'
import type { InputRecord } from '@backhaul/kafka'
import type { ErrorCode } from '../errors.ts'
import type { DeletionRow, ItemRow, RunRow } from '../tables.ts'

export type Topic = 'return-orders.v1' | 'report-runs.v1'

/** What a record asks the sink to insert. */
export interface Rows {
  readonly items: readonly ItemRow[]
  readonly deletions: readonly DeletionRow[]
  readonly runs: readonly RunRow[]
}

const NOTHING: Rows = { items: [], deletions: [], runs: [] }

/**
 * Reads one record: an event becomes a row an item, a tombstone a deletion, a report run one row.
 *
 * @throws Fault `CONTRACT_BROKEN`, or the record's own `UNDECODABLE_…`: known bad data.
 */
export function readRecord(record: InputRecord<Topic>): Rows {
  if (record.undecodable) throw record.undecodable
  if (record.key === null) throw broken(record, 'has no key')
  return isReturn(record) ? readReturn(record) : readRun(record as InputRecord<'report-runs.v1'>)
}

const isReturn = (record: InputRecord<Topic>): record is InputRecord<'return-orders.v1'> =>
  record.topic === 'return-orders.v1'

function readReturn(record: InputRecord<'return-orders.v1'>): Rows {
  const { key, value: event, offset, timestamp } = record
  if (event === null) {
    return { ...NOTHING, deletions: [{ returnOrderId: String(key), offset, deletedAt: timestamp }] }
  }
  if (event.returnOrderId !== key) throw broken(record, 'has the key of another return')
  return { ...NOTHING, items: event.items.map((item) => ({ event, item, offset })) }
}

function readRun(record: InputRecord<'report-runs.v1'>): Rows {
  const { value: run, offset } = record
  if (run === null) throw broken(record, 'has no value')
  return { ...NOTHING, runs: [{ run, offset }] }
}

function broken({ topic, partition, offset }: InputRecord, what: string): Fault {
  return new Fault('CONTRACT_BROKEN' satisfies ErrorCode, `${topic}/${partition}@${offset} ${what}`)
}
