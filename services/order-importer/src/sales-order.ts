import type { SalesOrder } from '@backhaul/domain'
import { z } from 'zod'

const text = z.string().trim().min(1).max(500)
const currency = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR')
const money = z.strictObject({
  amountMinor: z.number().int().describe('Minor units: 1999 is 19.99 EUR'),
  currency,
})
const optional = <T extends z.ZodType>(type: T) => type.nullable().default(null)

const component = z.strictObject({
  sku: text,
  variationId: optional(text),
  quantity: z.number().int().min(1),
})
const item = z.strictObject({
  salesOrderItemId: text,
  orderItemId: optional(text),
  sku: text.describe("The seller's SKU; compared exactly"),
  asin: optional(text),
  variationId: optional(text),
  title: optional(text),
  quantity: z.number().int().min(1),
  price: optional(money),
  components: z.array(component).max(100).default([]).describe('Parts, when the line is a kit'),
})

/**
 * One sales order as callers give it. What is not named here is refused, so that buyer data cannot slip in: the order
 * carries a `buyerRef`, never the buyer.
 */
export const givenSalesOrder = z.strictObject({
  salesOrderId: text,
  orderReference: text.describe("The marketplace's order number"),
  channelId: text,
  source: text.describe('Where the order came from: amazon, graphql, rest, file, or the name of a shop'),
  sourceVersion: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe('Grows with each change at the source; older never overwrites newer. Default: time of receipt'),
  orderedAt: z.iso.datetime({ offset: true }).describe('Time of purchase'),
  status: optional(text),
  paymentStatus: optional(text),
  shippingStatus: optional(text),
  dropshipStatus: optional(text),
  fulfillmentChannel: optional(z.enum(['MFN', 'AFN'])),
  subTypes: z.array(text).max(20).default([]),
  folder: optional(text),
  notes: z
    .array(z.strictObject({ kind: text, text: z.string().max(2_000) }))
    .max(50)
    .default([]),
  currency: optional(currency),
  total: optional(money),
  vat: optional(money),
  buyerRef: optional(text).describe('Opaque reference; never a name, an address or an e-mail'),
  shipToCountry: optional(z.string().regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 code such as DE')),
  cancelRequested: optional(
    z.strictObject({
      value: z.enum(['yes', 'no', 'unknown']),
      reason: optional(text),
      deadlineAt: optional(z.iso.datetime({ offset: true })),
    }),
  ),
  items: z.array(item).min(1).max(1_000),
  metadata: z.record(z.string().max(100), z.string().max(2_000)).default({}),
})

export type GivenSalesOrder = z.output<typeof givenSalesOrder>

/** The order as the topic carries it. @param receivedAt Milliseconds; version of an order that names none. */
export function toSalesOrder(given: GivenSalesOrder, tenantId: string, receivedAt: number): SalesOrder {
  const { orderedAt, cancelRequested, sourceVersion, ...rest } = given
  return {
    ...rest,
    tenantId,
    sourceVersion: sourceVersion ?? receivedAt,
    orderedAt: Date.parse(orderedAt),
    cancelRequested: cancelRequested && {
      ...cancelRequested,
      deadlineAt: cancelRequested.deadlineAt === null ? null : Date.parse(cancelRequested.deadlineAt),
    },
  }
}
