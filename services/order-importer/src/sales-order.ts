import type { SalesOrder } from '@backhaul/domain'
import { text as textOf } from '@backhaul/http'
import { z } from 'zod'

/** Far above any clock in microseconds, and far below the end of exact numbers, so that one more always fits. */
const GREATEST_VERSION = 2 ** 52

/**
 * Names of metadata that betray buyer data (A9). Not complete, as free names cannot be; the schema itself takes no buyer data
 * anywhere.
 */
const BUYER_DATA =
  /buyer|customer|consumer|recipient|addressee|e-?mail|phone|address|birth|(first|last|full|sur).?name/i

const text = textOf(500)
const currency = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR')
const money = z.strictObject({
  amountMinor: z.number().int().describe('Minor units: 1999 is 19.99 EUR'),
  currency,
})
const optional = <T extends z.ZodType>(type: T) => type.nullable().default(null)

/** A record holds units as Avro's int. */
const units = z.number().int().min(1).max(2_147_483_647)

const component = z.strictObject({
  sku: text,
  variationId: optional(text),
  quantity: units,
})
const item = z.strictObject({
  salesOrderItemId: text,
  orderItemId: optional(text),
  sku: text.describe("The seller's SKU; compared exactly"),
  asin: optional(text),
  variationId: optional(text),
  title: optional(text),
  quantity: units,
  price: optional(money),
  components: z.array(component).max(100).default([]).describe('Parts, when the line is a kit'),
})
const metadata = z.record(textOf(100), textOf(2_000)).superRefine((given, context) => {
  for (const key of Object.keys(given).filter((name) => BUYER_DATA.test(name))) {
    const message = 'looks like buyer data, which must not be sent: the order carries a buyerRef'
    context.addIssue({ code: 'custom', path: [key], message })
  }
})

/** The marketplace's number of an order. Bounded by what a path may hold. */
export const orderReference = textOf(100)

/** A channel's id. Part of the key of an order, where `|` ends the reference. */
export const channelId = textOf(200).refine((id) => !id.includes('|'), { error: 'must not hold |' })

/**
 * One sales order as callers give it. What is not named here is refused, so that buyer data cannot slip in: the order
 * carries a `buyerRef`, never the buyer.
 */
export const givenSalesOrder = z.strictObject({
  salesOrderId: text,
  orderReference: orderReference.describe("The marketplace's order number"),
  channelId,
  source: text.describe('Where the order came from: amazon, graphql, rest, file, or the name of a shop'),
  sourceVersion: z
    .number()
    .int()
    .min(0)
    .max(GREATEST_VERSION)
    .optional()
    .describe(
      'Grows with each change at the source; older never overwrites newer. An order without it is newer than what is published. Give it always or never',
    ),
  orderedAt: z.iso.datetime({ offset: true }).describe('Time of purchase'),
  status: optional(text),
  paymentStatus: optional(text),
  shippingStatus: optional(text),
  dropshipStatus: optional(text),
  fulfillmentChannel: optional(z.enum(['MFN', 'AFN'])),
  subTypes: z.array(text).max(20).default([]),
  folder: optional(text),
  notes: z
    .array(z.strictObject({ kind: text, text: textOf(2_000) }))
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
  metadata: metadata.default({}),
})

export type GivenSalesOrder = z.output<typeof givenSalesOrder>

/** An order whose version may be left to us. */
export type TakenOrder = Omit<SalesOrder, 'sourceVersion'> & { readonly sourceVersion: number | null }

/** The order as the topic carries it, but for a version that the caller did not name. */
export function toTakenOrder(given: GivenSalesOrder, tenantId: string): TakenOrder {
  const { orderedAt, cancelRequested, sourceVersion = null, ...rest } = given
  return {
    ...rest,
    tenantId,
    sourceVersion,
    orderedAt: Date.parse(orderedAt),
    cancelRequested: cancelRequested && {
      ...cancelRequested,
      deadlineAt: cancelRequested.deadlineAt === null ? null : Date.parse(cancelRequested.deadlineAt),
    },
  }
}
