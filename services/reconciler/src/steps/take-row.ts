import { Fault, type ImportConfig, observeRow } from '@backhaul/domain'
import type { InputRecord } from '@backhaul/kafka'
import type { KnownOrder, OrderStore } from '../order-store.ts'

/**
 * Takes a return row into the store.
 *
 * @returns The order it concerns, or 'stale' when it is no newer than what is known.
 * @throws Fault `CONTRACT_BROKEN`: known bad data.
 */
export function takeRow(
  store: OrderStore,
  record: InputRecord<'amazon-return-rows.v1'>,
  configOf: (integrationId: string, version: number) => ImportConfig,
): KnownOrder | 'stale' {
  const row = record.value
  if (row === null) throw new Fault('CONTRACT_BROKEN', 'A return row without a value')
  if (row.orderReference !== record.key) {
    throw new Fault(
      'CONTRACT_BROKEN',
      `Row ${row.rowId} of order ${row.orderReference} has the key ${record.key}`,
    )
  }
  const known = store.get(row.tenantId, row.orderReference)
  const seen = observeRow(known.rows.get(row.rowId), row, configOf(row.integrationId, row.configVersion))
  return seen === 'stale' ? 'stale' : { ...known, rows: new Map(known.rows).set(row.rowId, seen) }
}
