import { readUnits } from '../cells.ts'
import type { SalesOrder, SalesOrderItem } from '../records.ts'
import type { RowFacts } from './facts.ts'

/**
 * Finds the order line of each row: exact SKU; among several lines with it the one with the row's order item id, else
 * its ASIN, else the first with units left to return. Source: REFERENCE 2.8 of the requirement texts.
 */
export function linkItems(rows: readonly RowFacts[], order: SalesOrder): Map<string, SalesOrderItem> {
  const left = new Map(order.items.map((item) => [item.salesOrderItemId, item.quantity]))
  const linked = new Map<string, SalesOrderItem>()
  // Rows that name their line come first, so that the others share what is left.
  const inOrder = [...rows].sort(
    (a, b) =>
      Number(b.row.orderItemId !== null) - Number(a.row.orderItemId !== null) ||
      compare(a.row.rowId, b.row.rowId),
  )
  for (const { row } of inOrder) {
    const lines = order.items.filter((item) => item.sku === row.merchantSku)
    const hasLeft = (item: SalesOrderItem) => (left.get(item.salesOrderItemId) ?? 0) > 0
    const line =
      lines.find((item) => row.orderItemId !== null && item.orderItemId === row.orderItemId) ??
      lines.find((item) => row.asin !== null && item.asin === row.asin && hasLeft(item)) ??
      lines.find(hasLeft) ??
      lines[0]
    if (!line) continue
    linked.set(row.rowId, line)
    left.set(
      line.salesOrderItemId,
      (left.get(line.salesOrderItemId) ?? 0) - (readUnits(row.returnQuantity) ?? 1),
    )
  }
  return linked
}

export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
