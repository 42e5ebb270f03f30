import { marketplaceById } from '@backhaul/domain'
import type { World, WorldOrder } from './world.ts'

/**
 * The seller's own orders as `POST /v1/sales-orders` takes them, but for the channel: `marketplaceId` tells which
 * marketplace's channel holds the order. Only those that the seller's system has by now.
 */
export function ordersAt(world: World, now: number) {
  return world.orders.filter((order) => order.availableAt <= now).map((order) => toSalesOrder(order))
}

function toSalesOrder(order: WorldOrder) {
  const marketplace = marketplaceById(order.filedUnder)
  const currency = marketplace?.currency ?? 'EUR'
  const money = (amountMinor: number) => ({ amountMinor, currency })
  const items = order.lines.map(({ orderItemId, article, quantity }) => ({
    salesOrderItemId: `SO-${order.orderId}-${article.sku}`,
    orderItemId,
    sku: article.sku,
    asin: article.asin,
    variationId: `VAR-${article.sku}`,
    title: article.title,
    quantity,
    price: money(article.priceCents * quantity),
    components: article.parts.map((part) => ({ ...part, variationId: `VAR-${part.sku}` })),
  }))
  return {
    marketplaceId: order.filedUnder,
    salesOrderId: `SO-${order.orderId}`,
    orderReference: order.orderId,
    source: 'demo shop',
    sourceVersion: order.orderedAt,
    orderedAt: new Date(order.orderedAt).toISOString(),
    status: 'Completed',
    shippingStatus: 'Shipped',
    fulfillmentChannel: 'MFN',
    subTypes: order.prime ? ['Prime'] : [],
    currency,
    total: money(items.reduce((sum, item) => sum + item.price.amountMinor, 0)),
    shipToCountry: marketplace?.country ?? null,
    items,
  }
}
