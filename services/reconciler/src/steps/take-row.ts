import { Fault, type ImportConfig, observeRow } from '@backhaul/domain'
import type { InputRecord } from '@backhaul/kafka'
import type { KnownOrder } from '../known-order.ts'
import type { OrderStore } from '../order-store.ts'

type RowRecord = InputRecord<'amazon-return-rows.v1'>

/**
 * Takes a return row into the store.
 *
 * @param encode A row in registry wire format, for one that is no longer as it was read.
 * @returns The order it concerns, or 'stale' when it is no newer than what is known.
 * @throws Fault `CONTRACT_BROKEN`: known bad data.
 */
export function takeRow(
  store: OrderStore,
  record: RowRecord,
  configOf: (integrationId: string, version: number) => ImportConfig,
  encode: (row: object) => Uint8Array,
): KnownOrder | 'stale' {
  const row = record.value
  if (row === null) throw new Fault('CONTRACT_BROKEN', 'A return row without a value')
  if (row.orderReference !== record.key) {
    throw new Fault(
      'CONTRACT_BROKEN',
      `Row ${row.rowId} of order ${row.orderReference} has the key ${record.key}`,
    )
  }
  const order = store.get(row.tenantId, row.orderReference)
  const known = order.rows.get(row.rowId)?.facts
  const facts = observeRow(known, row, configOf(row.integrationId, row.configVersion))
  if (facts === 'stale') return 'stale'
  const bytes = facts.row === row ? (record.raw.value as Buffer) : encode(facts.row)
  return { ...order, rows: new Map(order.rows).set(row.rowId, { facts, bytes }) }
}
