import type { ReturnOrder } from '@backhaul/domain'
import { eventually } from '@backhaul/testing'
import { expect } from 'vitest'
import type { Story } from './story.ts'

/** An item of a return as ClickHouse shows it. */
export interface AnalyticsItem {
  readonly return_order_id: string
  readonly return_item_id: string
  readonly version: number
  readonly link_status: string
  readonly link_reason: string | null
  readonly item_link_status: string
  readonly channel_id: string
  readonly sku: string | null
  readonly quantity: number
  readonly return_reason_id: string | null
  readonly sales_order_item_id: string | null
  readonly status: string
  readonly origin: string
  readonly refunded_minor_by_currency: Readonly<Record<string, number>>
}

/** All versions of the returns of one order, in the order of the log. */
export const versionsOf = async (story: Story, orderReference: string): Promise<ReturnOrder[]> =>
  (await story.events()).filter((event) => event.orderReference === orderReference)

/** Items of an order as dashboards see them. */
export const analyticsOf = (story: Story, orderReference: string): Promise<AnalyticsItem[]> =>
  story.analytics(
    `SELECT * FROM current_return_items WHERE order_reference = '${orderReference}' ORDER BY sku`,
  )

/**
 * Waits until an order's one return stands alike in Kafka, Postgres and ClickHouse.
 *
 * @param reached Its newest version, or what its newest event must be.
 * @returns Its versions in Kafka, the newest last.
 */
export function returnEverywhere(
  story: Story,
  orderReference: string,
  reached: number | ((newest: ReturnOrder) => boolean),
): Promise<ReturnOrder[]> {
  return eventually(async () => {
    const versions = await versionsOf(story, orderReference)
    const newest = versions.at(-1)
    if (!newest) throw new Error(`No return of order ${orderReference} yet`)
    if (typeof reached === 'number') expect(newest.version).toBe(reached)
    else expect(newest).toSatisfy(reached)
    expect(versions.map((event) => event.version)).toEqual(versions.map((_, n) => n + 1))
    const stored = await story.query<{ event: ReturnOrder }>(
      'SELECT event FROM returns.return_orders WHERE order_reference = $1',
      [orderReference],
    )
    expect(stored.map((row) => row.event)).toEqual([newest])
    const items = await analyticsOf(story, orderReference)
    expect(new Map(items.map((item) => [item.return_item_id, item.version]))).toEqual(
      new Map(newest.items.filter((i) => !i.removed).map((i) => [i.returnItemId, newest.version])),
    )
    return versions
  })
}
