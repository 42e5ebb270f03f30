import type { AmazonReturnRow } from '../records.ts'

/** Cells of a return row that come from the document. */
export type CellName = Extract<
  keyof AmazonReturnRow,
  | 'orderDate'
  | 'returnRequestDate'
  | 'returnRequestStatus'
  | 'amazonRmaId'
  | 'merchantRmaId'
  | 'labelType'
  | 'labelCost'
  | 'currencyCode'
  | 'returnCarrier'
  | 'trackingId'
  | 'labelToBePaidBy'
  | 'aToZClaim'
  | 'isPrime'
  | 'asin'
  | 'merchantSku'
  | 'itemName'
  | 'returnQuantity'
  | 'returnReason'
  | 'inPolicy'
  | 'returnType'
  | 'resolution'
  | 'invoiceNumber'
  | 'returnDeliveryDate'
  | 'orderAmount'
  | 'orderQuantity'
  | 'safeTActionReason'
  | 'safeTClaimId'
  | 'safeTClaimState'
  | 'safeTClaimCreationTime'
  | 'safeTClaimReimbursementAmount'
  | 'refundedAmount'
  | 'category'
  | 'vat'
  | 'orderItemId'
>

export type Cells = Readonly<Record<CellName, string | null>>

/** Columns by folded header. Source: Amazon, "Returns reports attributes", and headers seen in real documents. */
const known: Readonly<Record<string, CellName | 'orderReference'>> = {
  order_id: 'orderReference',
  order_date: 'orderDate',
  return_request_date: 'returnRequestDate',
  return_request_status: 'returnRequestStatus',
  amazon_rma_id: 'amazonRmaId',
  merchant_rma_id: 'merchantRmaId',
  seller_rma_id: 'merchantRmaId',
  label_type: 'labelType',
  label_cost: 'labelCost',
  currency_code: 'currencyCode',
  return_carrier: 'returnCarrier',
  tracking_id: 'trackingId',
  label_to_be_paid_by: 'labelToBePaidBy',
  a_to_z_claim: 'aToZClaim',
  is_prime: 'isPrime',
  asin: 'asin',
  merchant_sku: 'merchantSku',
  item_name: 'itemName',
  return_quantity: 'returnQuantity',
  return_reason: 'returnReason',
  return_reason_code: 'returnReason',
  in_policy: 'inPolicy',
  return_type: 'returnType',
  resolution: 'resolution',
  invoice_number: 'invoiceNumber',
  return_delivery_date: 'returnDeliveryDate',
  order_amount: 'orderAmount',
  order_quantity: 'orderQuantity',
  safet_action_reason: 'safeTActionReason',
  safet_claim_id: 'safeTClaimId',
  safet_claim_state: 'safeTClaimState',
  safet_claim_creation_time: 'safeTClaimCreationTime',
  safet_claim_reimbursement_amount: 'safeTClaimReimbursementAmount',
  refunded_amount: 'refundedAmount',
  category: 'category',
  vat: 'vat',
  order_item_id: 'orderItemId',
}

/**
 * Words that the report uses for goods, money, dates and numbers. A column that is not known is kept only when its header
 * is made of them alone (A7, A9): what is harmless can be listed, what names a buyer cannot. `tax`, `vat`, `name`, `state`
 * and `delivery` are left out on purpose: with `id`, `of` or `code` behind them they name a person or a place.
 */
const HARMLESS_WORDS = new Set(
  `a amazon amount approved asin by carrier category claim closed code cost count currency date days deadline fee fees first
  id in is item items label merchant number of order orders paid partial per policy price prime quantity reason refund
  refunded reimbursement replacement request requested resolution restocking return returned returns rma safet scan seller
  sku status time to total tracking type unit units window z`.split(/\s+/),
)

/** What a column of a document is taken as. */
export type Column =
  | { readonly kind: 'cell'; readonly name: CellName | 'orderReference' }
  | { readonly kind: 'extra'; readonly header: string }
  | { readonly kind: 'dropped' }

/** Folds a header: case, blanks, hyphens and underscores do not count. */
export const foldHeader = (header: string): string =>
  header
    .replace(/^\uFEFF/, '')
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, '_')

/** Takes each header as a known cell, an unknown column that is harmless by its words, or one that is dropped (A9). */
export function columnsOf(headers: readonly string[]): Column[] {
  return headers.map((header) => {
    const folded = foldHeader(header)
    const name = Object.hasOwn(known, folded) ? known[folded] : undefined
    if (name) return { kind: 'cell', name }
    const harmless = folded.split('_').every((word) => HARMLESS_WORDS.has(word))
    return harmless ? { kind: 'extra', header: header.trim() } : { kind: 'dropped' }
  })
}

/** All cells, blank. */
export const NO_CELLS: Cells = Object.fromEntries(
  [...new Set(Object.values(known))].filter((name) => name !== 'orderReference').map((name) => [name, null]),
) as Cells
