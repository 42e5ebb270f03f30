import { readUnits } from '../cells.ts'
import type { SalesOrder, SalesOrderItem } from '../records.ts'
import type { RowFacts } from './facts.ts'

/**
 * Finds the order line of each row: exact SKU; among several lines with it the one with the row's order item id, else
 * its ASIN, else the first with units left to return. Source: REFERENCE 2.8 of the requirement texts.
 *
 * @param rows Sorted by id. Lines are shared out over all rows of a channel, so that two returns never claim one unit.
 * @returns A line, or null, for each row; null where its channel has no order.
 */
export function linkItems(
  rows: readonly RowFacts[],
  salesOrders: readonly SalesOrder[],
): (SalesOrderItem | null)[] {
  const lines = new Array<SalesOrderItem | null>(rows.length).fill(null)
  for (const order of salesOrders) {
    const contested: number[] = []
    for (let n = 0; n < rows.length; n++) {
      const { row } = rows[n] as RowFacts
      if (row.channelId !== order.channelId) continue
      const first = order.items.find((item) => item.sku === row.merchantSku)
      if (!first) continue
      if (first === order.items.findLast((item) => item.sku === row.merchantSku)) lines[n] = first
      else contested.push(n)
    }
    if (contested.length > 0) shareOut(order, rows, contested, lines)
  }
  return lines
}

/** Several lines have the SKU of these rows. */
function shareOut(
  order: SalesOrder,
  rows: readonly RowFacts[],
  contested: readonly number[],
  lines: (SalesOrderItem | null)[],
): void {
  const left = new Map(order.items.map((item) => [item.salesOrderItemId, item.quantity]))
  const hasLeft = (item: SalesOrderItem) => (left.get(item.salesOrderItemId) ?? 0) > 0
  const rowAt = (n: number) => (rows[n] as RowFacts).row
  // Rows that name their line come first, so that the others share what is left.
  const inOrder = contested.toSorted(
    (a, b) => Number(rowAt(b).orderItemId !== null) - Number(rowAt(a).orderItemId !== null) || a - b,
  )
  for (const n of inOrder) {
    const row = rowAt(n)
    const wanted = order.items.filter((item) => item.sku === row.merchantSku)
    const line =
      wanted.find((item) => row.orderItemId !== null && item.orderItemId === row.orderItemId) ??
      wanted.find((item) => row.asin !== null && item.asin === row.asin && hasLeft(item)) ??
      wanted.find(hasLeft) ??
      (wanted[0] as SalesOrderItem)
    lines[n] = line
    const units = readUnits(row.returnQuantity) ?? 1
    left.set(line.salesOrderItemId, (left.get(line.salesOrderItemId) ?? 0) - units)
  }
}

export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
