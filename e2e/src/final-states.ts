import type { ReturnOrder } from '@backhaul/domain'
import type { Expected } from './scenario.ts'
import type { Story } from './story.ts'

/** The final state of a return as a store has it; `tracking` is absent where the store keeps no parcels. */
export type FinalState = Omit<Expected, 'tracking'> & { readonly tracking?: string | null }

/** Final states by order reference. */
export type FinalStates = ReadonlyMap<string, FinalState>

/** Minor units by currency. */
export type Sums = Readonly<Record<string, number>>

/** The newest event of each return. Events in the order of the log. */
export const statesInKafka = (events: readonly ReturnOrder[]): FinalStates =>
  new Map(
    events.map(({ orderReference, link, amazonStatus, parcels, items }) => [
      orderReference,
      {
        link: link.status,
        salesOrderId: link.salesOrderId,
        amazonStatus: amazonStatus ?? '',
        tracking: parcels[0]?.trackingNumber ?? null,
        refunded: Object.fromEntries(items.map((i) => [i.sku, i.refunded?.amountMinor ?? null])),
        currency: items[0]?.orderAmount?.currency ?? '',
      },
    ]),
  )

interface ItemRow {
  readonly reference: string
  readonly link: string
  readonly sales_order_id: string | null
  readonly amazon_status: string
  readonly tracking?: string | null
  readonly sku: string
  readonly refunded_minor: number | string | null
  readonly currency: string
}

export const statesInPostgres = async ({ query }: Story): Promise<FinalStates> =>
  fromItems(
    await query<ItemRow>(
      `SELECT r.order_reference AS reference, r.link_status AS link, r.sales_order_id, r.amazon_status,
         i.sku, i.refunded_minor, i.order_amount_currency AS currency,
         (SELECT max(tracking_number) FROM returns.return_order_parcels p
          WHERE p.return_order_id = r.return_order_id) AS tracking
       FROM returns.return_orders r JOIN returns.return_order_items i USING (return_order_id)
       WHERE NOT i.removed`,
    ),
  )

export const statesInClickHouse = async ({ analytics }: Story): Promise<FinalStates> =>
  fromItems(
    await analytics<ItemRow>(
      `SELECT order_reference AS reference, link_status AS link, sales_order_id, amazon_status,
         sku, mapKeys(order_amount_minor_by_currency)[1] AS currency,
         if(empty(refunded_minor_by_currency), NULL, refunded_minor_by_currency[currency]) AS refunded_minor
       FROM current_return_items`,
    ),
  )

function fromItems(rows: readonly ItemRow[]): FinalStates {
  const states = new Map<string, FinalState>()
  for (const {
    reference,
    link,
    sales_order_id,
    amazon_status,
    tracking,
    sku,
    refunded_minor,
    currency,
  } of rows) {
    const minor = refunded_minor === null ? null : Number(refunded_minor)
    states.set(reference, {
      link,
      salesOrderId: sales_order_id,
      amazonStatus: amazon_status,
      ...(tracking !== undefined && { tracking }),
      refunded: { ...states.get(reference)?.refunded, [sku]: minor },
      currency,
    })
  }
  return states
}

/** Whether a return is what it must be, item by item. */
export function isAs(expected: Expected, state: FinalState): boolean {
  const skus = Object.keys(expected.refunded)
  return (
    state.link === expected.link &&
    state.salesOrderId === expected.salesOrderId &&
    state.amazonStatus === expected.amazonStatus &&
    (state.tracking === undefined || state.tracking === expected.tracking) &&
    state.currency === expected.currency &&
    skus.length === Object.keys(state.refunded).length &&
    skus.every((sku) => state.refunded[sku] === expected.refunded[sku])
  )
}

/** All that was refunded. */
export function refundedIn(states: Iterable<Pick<FinalState, 'currency' | 'refunded'>>): Sums {
  const sums: Record<string, number> = {}
  for (const { currency, refunded } of states) {
    for (const minor of Object.values(refunded)) sums[currency] = (sums[currency] ?? 0) + (minor ?? 0)
  }
  return sums
}

/** By how much two sums differ, over all currencies. */
export const differenceOf = (a: Sums, b: Sums): number =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .map((currency) => Math.abs((a[currency] ?? 0) - (b[currency] ?? 0)))
    .reduce((sum, n) => sum + n, 0)
