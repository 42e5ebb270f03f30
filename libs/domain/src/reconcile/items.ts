import { readUnits } from '../cells.ts'
import type { KitComponent, ReturnItem, SalesOrderItem } from '../records.ts'
import { uuidOf } from '../uuid.ts'
import type { ImportConfig, RowFacts } from './facts.ts'
import { readAmount } from './read-amount.ts'

/**
 * The items of one row: the row's own, or, where its order line is a kit, one for each part (SC-07).
 * The kit itself then stays with `removed = true`, whatever came first, so that sinks need no memory.
 */
export function itemsOf(
  returnOrderId: string,
  facts: RowFacts,
  line: SalesOrderItem | null,
  orderKnown: boolean,
  config: ImportConfig,
): ReturnItem[] {
  const item = ownItem(returnOrderId, facts, line, orderKnown)
  if (!line || line.components.length === 0 || !config.importSettings.expandKits) return [item]
  const parts = componentsOf(line).map(
    (part): ReturnItem => ({
      ...item,
      returnItemId: uuidOf(`${returnOrderId}/item/${facts.row.rowId}/${part.sku}`),
      sku: part.sku,
      asin: null,
      title: null,
      quantity: item.quantity * part.quantity,
      orderedQuantity: line.quantity * part.quantity,
      variationId: part.variationId,
      kitSku: line.sku,
      // Money is the kit's; shared out over parts it would be invented.
      refunded: null,
      orderAmount: null,
    }),
  )
  return [{ ...item, removed: true }, ...parts]
}

/** Parts by SKU: a part that the kit lists twice is one part, more often. */
function componentsOf({ components }: SalesOrderItem): KitComponent[] {
  const bySku = new Map<string, KitComponent>()
  for (const part of components) {
    const quantity = (bySku.get(part.sku)?.quantity ?? 0) + part.quantity
    bySku.set(part.sku, { ...(bySku.get(part.sku) ?? part), quantity })
  }
  return [...bySku.values()]
}

function ownItem(
  returnOrderId: string,
  { row, frozen }: RowFacts,
  line: SalesOrderItem | null,
  orderKnown: boolean,
): ReturnItem {
  const returned = readUnits(row.returnQuantity) ?? 1
  const orderedQuantity = line?.quantity ?? readUnits(row.orderQuantity)
  const above = orderedQuantity !== null && returned > orderedQuantity
  const unlinked = orderKnown ? 'SKU_UNKNOWN' : null
  return {
    returnItemId: uuidOf(`${returnOrderId}/item/${row.rowId}`),
    removed: false,
    link: line ? { status: 'LINKED', reason: null } : { status: 'UNASSIGNED', reason: unlinked },
    sku: row.merchantSku,
    asin: row.asin,
    title: row.itemName,
    quantity: above ? orderedQuantity : returned,
    orderedQuantity,
    variationId: line?.variationId ?? null,
    salesOrderItemId: line?.salesOrderItemId ?? null,
    kitSku: null,
    reason: {
      raw: row.returnReason,
      code: frozen?.amazonReason ?? null,
      returnReasonId: frozen?.returnReasonId ?? null,
      mappedByConfigVersion: frozen?.configVersion ?? null,
    },
    refunded: readAmount(row.refundedAmount, row.currencyCode),
    orderAmount: readAmount(row.orderAmount, row.currencyCode),
    flags: above ? [...row.flags, 'quantity_above_order'] : row.flags,
  }
}
