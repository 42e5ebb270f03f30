import type { ReturnItem, ReturnOrder } from '@backhaul/domain'
import { returnItem, returnOrder } from '@backhaul/domain/builders'
import type { ClickHouseSettings } from '@clickhouse/client'
import { expect, test } from 'vitest'
import { toBlock } from '../src/table.ts'
import { returnDeletions, returnItems } from '../src/tables.ts'
import { storeUnderTest } from './store-under-test.ts'

const store = storeUnderTest()

const rows = async (query: string, clickhouse_settings: ClickHouseSettings = {}) =>
  (await store.client.query({ query, format: 'JSONEachRow', clickhouse_settings })).json()

let inserted = 0
/** Inserts an event as a part of its own, at the next offset. */
async function insert(given: Partial<ReturnOrder>, item: Partial<ReturnItem> = {}): Promise<void> {
  const [event, offset] = [returnOrder(given), BigInt(inserted++)]
  const returnItemId = `${event.returnOrderId}/item`
  const block = toBlock(returnItems, [{ event, item: returnItem({ returnItemId, ...item }), offset }])
  await store.clickhouse.insert(block, `views:${offset}`)
}

async function remove(returnOrderId: string): Promise<void> {
  const offset = BigInt(inserted++)
  const block = toBlock(returnDeletions, [{ returnOrderId, offset, deletedAt: 1_780_000_000_000 }])
  await store.clickhouse.insert(block, `views:${offset}`)
}

test('A4: a later rebuild stands above any version of an earlier one, in whatever order they arrive', async () => {
  await insert({ returnOrderId: 'rebuilt', generation: 2, version: 1, status: 'refunded' })
  await insert({ returnOrderId: 'rebuilt', generation: 1, version: 900, status: 'received' })
  await insert({ returnOrderId: 'rebuilt', generation: 1, version: 1, status: 'approved' })
  expect(
    await rows(
      `SELECT generation, version, status FROM current_return_items WHERE return_order_id = 'rebuilt'`,
    ),
  ).toEqual([{ generation: 2, version: 1, status: 'refunded' }])
})

test.each(['Asia/Tokyo', 'America/Los_Angeles', 'Europe/Berlin'])(
  'B9: 14 July stays 14 July for a reader in %s, and an instant stays its instant',
  async (session_timezone) => {
    const days = { orderedOn: '2026-07-14', requestedOn: '2026-03-29', deliveredOn: '2026-10-25' }
    const changedAt = Date.UTC(2026, 6, 14, 23, 59, 59, 999)
    await insert({ returnOrderId: 'days', ...days, changedAt })
    expect(
      await rows(
        `SELECT toString(ordered_on) AS ordered_on, requested_on, delivered_on, toUnixTimestamp64Milli(changed_at) AS changed_ms,
           changed_at FROM current_return_items WHERE return_order_id = 'days' AND ordered_on = '2026-07-14'`,
        { session_timezone },
      ),
    ).toEqual([
      {
        ordered_on: '2026-07-14',
        requested_on: '2026-03-29',
        delivered_on: '2026-10-25',
        changed_ms: changedAt,
        changed_at: '2026-07-14 23:59:59.999',
      },
    ])
  },
)

test.each([0, 1] as const)(
  'deletions hide what came before them and nothing else, for a reader with join_use_nulls = %s',
  async (join_use_nulls) => {
    const prefix = `nulls-${join_use_nulls}`
    await insert({ returnOrderId: `${prefix}-stays` })
    await insert({ returnOrderId: `${prefix}-gone` })
    await remove(`${prefix}-gone`)
    expect(
      await rows(
        `SELECT return_order_id FROM current_return_items WHERE startsWith(return_order_id, '${prefix}')`,
        {
          join_use_nulls,
        },
      ),
    ).toEqual([{ return_order_id: `${prefix}-stays` }])
  },
)

test('a late event with an older version does not bring a deleted return back', async () => {
  await insert({ returnOrderId: 'late', version: 3 })
  await remove('late')
  await insert({ returnOrderId: 'late', version: 2 })
  expect(await rows(`SELECT version FROM current_return_items WHERE return_order_id = 'late'`)).toEqual([])
})

test('an item that is removed by a later version leaves the counts', async () => {
  await insert({ returnOrderId: 'kit', channelId: 'kits' })
  await insert({ returnOrderId: 'kit', channelId: 'kits', version: 2 }, { removed: true })
  expect(await rows(`SELECT items FROM return_reasons WHERE channel_id = 'kits'`)).toEqual([])
})

test('B3, B6: what has no SKU and no reason is counted, and tenants are never added up', async () => {
  const reason = { raw: null, code: null, returnReasonId: null, mappedByConfigVersion: null }
  const refunded = { amountMinor: 100, currency: 'EUR' }
  for (const tenantId of ['tenant-1', 'tenant-2']) {
    await insert(
      { returnOrderId: `bare-${tenantId}`, channelId: 'bare', tenantId },
      { sku: null, reason, refunded },
    )
  }
  const expected = {
    ...{ sku: null, reason: 'unknown', return_reason: 'unmapped', items: 1, items_refund_unknown: 0 },
    refunded_minor_by_currency: { EUR: 100 },
  }
  expect(
    await rows(
      `SELECT tenant_id, sku, reason, return_reason, items, items_refund_unknown, refunded_minor_by_currency
       FROM return_reasons WHERE channel_id = 'bare' ORDER BY tenant_id`,
    ),
  ).toEqual([
    { tenant_id: 'tenant-1', ...expected },
    { tenant_id: 'tenant-2', ...expected },
  ])
})
