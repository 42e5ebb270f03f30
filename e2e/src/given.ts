import { amazonDay } from '@backhaul/amazon-simulator'
import type { Story } from './story.ts'

const DAY_MS = 86_400_000

/** One row of a returns report, by column. */
export type ReportRow = Readonly<Record<string, string>>

/** The day so many days ago, as the report writes it. */
export const daysAgo = (days: number): string => amazonDay(Date.now() - days * DAY_MS)

let references = 0
/** An order number that no other test of the file uses. */
export const freshReference = (): string => `303-0000000-${String(++references).padStart(7, '0')}`

/** The number of a return: one for each order reference, unless a test says otherwise. */
const rmaOf = (orderReference: string) => `D${orderReference.slice(-7)}RRMA`

/** A plausible row of the report; give what the test is about. */
export const reportRow = (orderReference: string, given: ReportRow = {}): ReportRow => ({
  'Order ID': orderReference,
  'Order date': daysAgo(20),
  'Return request date': daysAgo(10),
  'Return request status': 'Approved',
  'Amazon RMA ID': rmaOf(orderReference),
  'Label type': 'AmazonPrePaidLabel',
  'Label cost': '4.99',
  'Currency code': 'EUR',
  'Label to be paid by': 'Seller',
  'A-to-Z Claim': 'N',
  'Is prime': 'N',
  ASIN: 'B000000001',
  'Merchant SKU': 'SKU-1',
  'Item Name': 'Beispielartikel',
  'Return quantity': '1',
  'Return Reason': 'CR-DEFECTIVE',
  'In policy': 'Y',
  'Return type': 'C-Returns',
  Resolution: 'StandardRefund',
  'Order Amount': '19.99',
  'Order quantity': '1',
  ...given,
})

/** A plausible line of a sales order, as REST takes it. */
export const orderLine = (sku = 'SKU-1', given: object = {}) => ({
  salesOrderItemId: `line-${sku}`,
  sku,
  variationId: `variation-${sku}`,
  quantity: 1,
  price: { amountMinor: 1999, currency: 'EUR' },
  ...given,
})

/** A plausible sales order, as REST takes it; give what the test is about. */
export const salesOrder = (orderReference: string, channelId: string | undefined, given: object = {}) => ({
  salesOrderId: `order ${orderReference}`,
  orderReference,
  channelId,
  source: 'rest',
  orderedAt: new Date(Date.now() - 20 * DAY_MS).toISOString(),
  buyerRef: `buyer of ${orderReference}`,
  shipToCountry: 'DE',
  currency: 'EUR',
  items: [orderLine()],
  ...given,
})

/** Has Amazon report these rows of an order from now on, in place of what it said of that order before. */
export function tellAmazon({ amazon }: Story, marketplaceId: string, rows: readonly ReportRow[]): void {
  const told = new Set(rows.map((row) => row['Order ID']))
  const others = (amazon.givenRows.get(marketplaceId) ?? []).filter((row) => !told.has(row['Order ID']))
  amazon.givenRows.set(marketplaceId, [...others, ...rows])
}

/** Gives sales orders by REST. */
export const giveOrders = ({ call }: Story, orders: readonly object[]): Promise<unknown> =>
  call('order-importer', 'POST', '/v1/sales-orders', orders)
