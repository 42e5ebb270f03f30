import { Fault, observeRow, skipReason } from '@backhaul/domain'
import type { InputRecord } from '@backhaul/kafka'
import type { Settings } from '../adapters/settings.ts'
import type { RowOutcome } from '../events.ts'
import { type KnownOrder, put } from '../known-order.ts'
import type { OrderStore } from '../order-store.ts'

type RowRecord = InputRecord<'amazon-return-rows.v1'>

/**
 * Takes a return row into the store.
 *
 * @param encode A row in registry wire format, for one that is no longer as it was read.
 * @returns The order it concerns, or 'stale' when it is no newer than what is known.
 * @throws Fault `CONTRACT_BROKEN` or `CONFIG_VERSION_UNKNOWN`: known bad data.
 */
export function takeRow(
  store: OrderStore,
  record: RowRecord,
  settings: Pick<Settings, 'get'>,
  encode: (row: object) => Uint8Array,
): KnownOrder | 'stale' {
  const row = record.value
  if (row === null) throw new Fault('CONTRACT_BROKEN', 'A return row without a value')
  const config = settings.get(row.tenantId, row.integrationId, row.configVersion)
  if (row.orderReference !== record.key) {
    throw new Fault(
      'CONTRACT_BROKEN',
      `Row ${row.rowId} of order ${row.orderReference} has the key ${record.key}`,
    )
  }
  const order = store.get(row.tenantId, row.orderReference)
  const at = order.rows.findIndex((known) => known.facts.row.rowId === row.rowId)
  const facts = observeRow(order.rows[at]?.facts, row, config)
  if (facts === 'stale') return 'stale'
  const bytes = facts.row === row ? (record.raw.value as Buffer) : encode(facts.row)
  return { ...order, rows: put(order.rows, at, { facts, bytes }) }
}

/** What became of a row that was taken. */
export function rowOutcome(
  order: KnownOrder | 'stale',
  { value: row }: RowRecord,
  settings: Pick<Settings, 'get'>,
): RowOutcome {
  if (order === 'stale' || !row) return 'stale'
  const facts = order.rows.find((known) => known.facts.row.rowId === row.rowId)?.facts
  if (!facts || facts.imported) return 'imported'
  const skipped = skipReason(facts.row, settings.get(row.tenantId, row.integrationId, row.configVersion))
  return skipped ? `skipped_${skipped}` : 'imported'
}
