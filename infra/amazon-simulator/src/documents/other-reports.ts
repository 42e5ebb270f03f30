import { marketplaceById } from '@backhaul/domain'
import type { World, WorldOrder, WorldReturn } from '../world/world.ts'

/** Header of `GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA`. Source: Amazon, "FBA reports attributes". */
const FBA_COLUMNS = [
  'return-date',
  'order-id',
  'sku',
  'asin',
  'fnsku',
  'product-name',
  'quantity',
  'fulfillment-center-id',
  'detailed-disposition',
  'reason',
  'status',
  'license-plate-number',
  'customer-comments',
]

/** Header of `GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL`. Source: Amazon, "Order tracking reports attributes". */
const ORDER_COLUMNS = [
  'amazon-order-id',
  'merchant-order-id',
  'purchase-date',
  'last-updated-date',
  'order-status',
  'fulfillment-channel',
  'sales-channel',
  'order-channel',
  'ship-service-level',
  'product-name',
  'sku',
  'asin',
  'item-status',
  'quantity',
  'currency',
  'item-price',
  'item-tax',
  'shipping-price',
  'shipping-tax',
  'gift-wrap-price',
  'gift-wrap-tax',
  'item-promotion-discount',
  'ship-promotion-discount',
  'ship-city',
  'ship-state',
  'ship-postal-code',
  'ship-country',
  'promotion-ids',
  'is-business-order',
  'purchase-order-number',
  'price-designation',
]

/** The part of a world that a report is about: a marketplace, half-open in time. */
export interface Part {
  readonly marketplaceId: string
  readonly from: number
  readonly to: number
}

/** Goods that came back to Amazon's warehouses, one row a unit's line; null when there are none. */
export function fbaReturns(world: World, { marketplaceId, from, to }: Part): string | null {
  const came = world.returns.filter(
    (r) => r.order.marketplaceId === marketplaceId && r.deliveredAt >= from && r.deliveredAt < to,
  )
  return table(FBA_COLUMNS, came.map(fbaRow))
}

/** Orders as the all-orders report tells them; null when there are none. */
export function allOrders(world: World, { marketplaceId, from, to }: Part): string | null {
  const placed = world.orders.filter(
    (o) => o.marketplaceId === marketplaceId && o.orderedAt >= from && o.orderedAt < to,
  )
  return table(ORDER_COLUMNS, placed.flatMap(orderRows))
}

export const HTML_ERROR_PAGE = `<!DOCTYPE html>
<html><head><title>503 - Service Unavailable</title></head>
<body><h1>Service Unavailable</h1><p>The request could not be completed. Please try again later.</p></body></html>
`

function fbaRow(r: WorldReturn): Record<string, string> {
  return {
    'return-date': isoSeconds(r.deliveredAt),
    'order-id': r.order.orderId,
    sku: r.sku,
    asin: r.line.article.asin,
    fnsku: `X00${r.line.orderItemId.slice(-7)}`,
    'product-name': r.line.article.title,
    quantity: String(r.line.quantity),
    'fulfillment-center-id': 'LEJ1',
    'detailed-disposition': 'SELLABLE',
    reason: r.reason.replace(/^CR-/, ''),
    status: 'Unit returned to inventory',
    'license-plate-number': `LPN${r.rmaId.slice(1, 8).toUpperCase()}`,
  }
}

function orderRows(order: WorldOrder): Record<string, string>[] {
  const marketplace = marketplaceById(order.marketplaceId)
  return order.lines.map(({ article, quantity }) => ({
    'amazon-order-id': order.orderId,
    'merchant-order-id': order.orderId,
    'purchase-date': isoSeconds(order.orderedAt),
    'last-updated-date': isoSeconds(order.orderedAt),
    'order-status': 'Shipped',
    'fulfillment-channel': 'Merchant',
    'sales-channel': `Amazon${marketplace?.domain.replace(/^amazon/, '')}`,
    'ship-service-level': 'Standard',
    'product-name': article.title,
    sku: article.sku,
    asin: article.asin,
    'item-status': 'Shipped',
    quantity: String(quantity),
    currency: marketplace?.currency ?? '',
    'item-price': ((article.priceCents * quantity) / 100).toFixed(2),
    'is-business-order': 'false',
  }))
}

function table(columns: readonly string[], rows: readonly Record<string, string>[]): string | null {
  if (rows.length === 0) return null
  const lines = rows.map((row) => columns.map((column) => row[column] ?? '').join('\t'))
  return `${[columns.join('\t'), ...lines].join('\n')}\n`
}

const isoSeconds = (instant: number) => new Date(instant).toISOString().replace(/\.\d+Z$/, '+00:00')
