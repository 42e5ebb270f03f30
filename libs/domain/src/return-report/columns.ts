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

/** Words in the header of a column that may hold buyer data. Such a column is dropped at the parser (A9). */
const BUYER_WORDS =
  /buyer|customer|recipient|consignee|contact|person|first_?name|last_?name|full_?name|^name$|_name$|ship|address|street|city|postal|postcode|zip|state_or|e_?mail|phone|mobile|comment|note|tax_?id|cpf|passport|birth/

/** Values that look like a person's: an e-mail address or a telephone number. */
const BUYER_VALUE = /@|^\+?[\d\s()/.-]{9,}$/

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

/** Takes each header as a known cell, an unknown column to keep, or one that may hold buyer data and is dropped. */
export function columnsOf(headers: readonly string[]): Column[] {
  return headers.map((header) => {
    const folded = foldHeader(header)
    const name = known[folded]
    if (name) return { kind: 'cell', name }
    if (folded === '' || BUYER_WORDS.test(folded)) return { kind: 'dropped' }
    return { kind: 'extra', header: header.trim() }
  })
}

/** True when a value of an unknown column must not be kept. */
export const looksLikeBuyer = (value: string): boolean => BUYER_VALUE.test(value)

/** All cells, blank. */
export const NO_CELLS: Cells = Object.fromEntries(
  [...new Set(Object.values(known))].filter((name) => name !== 'orderReference').map((name) => [name, null]),
) as Cells
