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

type KnownColumn = CellName | 'orderReference'

/**
 * Headers of each column. Source: Amazon, "Returns reports attributes"; headers seen in real documents; the German ones
 * are those of a parser for downloads from Seller Central.
 */
const HEADERS: Readonly<Record<KnownColumn, readonly string[]>> = {
  orderReference: ['Order ID', 'Bestellnummer'],
  orderDate: ['Order date', 'Bestelldatum'],
  returnRequestDate: ['Return request date', 'Rücksendeanforderungsdatum', 'Datum der Rücksendeanforderung'],
  returnRequestStatus: ['Return request status', 'Status der Rücksendeanforderung'],
  amazonRmaId: ['Amazon RMA ID', 'Amazon-RMA-Nummer'],
  merchantRmaId: ['Merchant RMA ID', 'Seller RMA ID', 'Händler-RMA-Nummer'],
  labelType: ['Label type', 'Etikettentyp'],
  labelCost: ['Label cost'],
  currencyCode: ['Currency code'],
  returnCarrier: ['Return carrier'],
  trackingId: ['Tracking ID', 'Sendungsnummer', 'Trackingnummer'],
  labelToBePaidBy: ['Label to be paid by'],
  aToZClaim: ['A-to-Z Claim'],
  isPrime: ['Is prime'],
  asin: ['ASIN'],
  merchantSku: ['Merchant SKU', 'Händler-SKU'],
  itemName: ['Item Name', 'Artikelname', 'Produktname'],
  returnQuantity: ['Return quantity', 'Rücksendemenge'],
  returnReason: ['Return Reason', 'Return reason code', 'Rücksendegrund'],
  inPolicy: ['In policy'],
  returnType: ['Return type'],
  resolution: ['Resolution', 'Lösung'],
  invoiceNumber: ['Invoice number'],
  returnDeliveryDate: ['Return delivery date', 'Zustelldatum der Rücksendung', 'Rücksendezustelldatum'],
  orderAmount: ['Order Amount', 'Bestellbetrag'],
  orderQuantity: ['Order quantity'],
  safeTActionReason: ['SafeT Action reason'],
  safeTClaimId: ['SafeT claim id', 'SAFE-T-Antrags-ID'],
  safeTClaimState: ['SafeT claim state'],
  safeTClaimCreationTime: ['SafeT claim creation time'],
  safeTClaimReimbursementAmount: ['SafeT claim reimbursement amount'],
  refundedAmount: ['Refunded Amount', 'Erstatteter Betrag', 'Erstattungsbetrag'],
  category: ['Category'],
  vat: ['VAT'],
  orderItemId: ['Order Item ID'],
}

/** Folds a header: case, width, blanks, hyphens and underscores do not count, nor marks that nobody sees. */
export const foldHeader = (header: string): string =>
  header
    .replaceAll(/\p{Cf}/gu, '')
    .trim()
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, '_')

/** The letters of a header alone: case, blanks, hyphens and underscores do not count, nor does `OrderId` for `Order ID`. */
const lettersOf = (header: string): string => foldHeader(header).replaceAll('_', '')

const known: ReadonlyMap<string, KnownColumn> = new Map(
  (Object.entries(HEADERS) as [KnownColumn, readonly string[]][]).flatMap(([name, headers]) =>
    headers.map((header) => [lettersOf(header), name] as const),
  ),
)

/** Columns that say whose row it is. They are in no document that Amazon describes; where one has them, they are obeyed. */
const belongings: ReadonlyMap<string, 'marketplace' | 'seller'> = new Map([
  ...['marketplace', 'marketplaceid', 'marketplacename', 'saleschannel'].map(
    (n) => [n, 'marketplace'] as const,
  ),
  ...['sellerid', 'merchantid', 'merchantidentifier', 'sellerpartnerid'].map((n) => [n, 'seller'] as const),
])

/**
 * Words that name goods, money, dates, states and numbers. A column that is not known is kept only when its header is made
 * of them alone (A7, A9): what is harmless can be listed, what names a buyer cannot, in any language. `tax`, `vat`, `name`,
 * `state`, `line`, `delivery`, `by` and `to` are left out on purpose: with `id`, `of` or `code` beside them they name a
 * person or a place, and so are words of free text, such as `comment`, `note` and `description`.
 */
const HARMLESS_WORDS = new Set(
  `active allowed amazon amount amounts approved approval asin attempt attempts authorization authorized automated
  automatic available average barcode base batch bin brand bulk cancellation cancelled carrier case category channel charge
  charged charges claim class closed code codes color colour column completed completion condition confirmed cost costs
  count created creation credit currency cycle damaged date day days deadline default defect defective deposit digital
  discount disposition due duration ean eligible eligibility end ended error event exchange expected expiration expired
  expiry external fba fbm fee fees final flag fnsku free fulfillment fulfilment gateway grade grading gross group gtin height
  hour hours hub id ids index inspected inspection international inventory invoice isbn item items kind label labels length
  level limit lot lpn manual marketplace max maximum mcf measure merchant method mfn min minimum minute minutes mode model
  modified month movement net number numbers offer opened option order ordered orders original origin package packages
  paid parcel parcels partial parts pending percent percentage period policy position prepaid price prime priority processed
  processing processor product program programme promotion quality quantity quarter rate ratio reason reasons received
  receipt recovery reference refund refundable refunded refunds refurbished reimbursed reimbursement rejected rejection
  release replaced replacement report request requested requests required resolution resolved restock restocked restocking
  result return returnable returned returnless returns review revision rma rule safet sales scan scanned scans score seller
  sellable sequence series serial service share shipment shipped size sku skus sla source speed stage start started status
  stock subtotal subtype sum surcharge system test tier time times timestamp timezone total totals tracking transaction transit
  transport type unit units unsellable upc update updated usage utc value variant variation vendor version volume warehouse
  waybill week weight width window year zone`.split(/\s+/),
)

/** Words between them, which alone name nothing: a column `First` may be half of a name. */
const FILLERS = new Set(
  'a are as first for has in is last new no not of old on only open per the was with z'.split(' '),
)

/** What a column of a document is taken as. */
export type Column =
  | { readonly kind: 'cell'; readonly name: KnownColumn }
  | { readonly kind: 'extra'; readonly header: string }
  | { readonly kind: 'marketplace' | 'seller' | 'dropped' }

/** Takes each header as a known cell, an unknown column that is harmless by its words, or one that is dropped (A9). */
export const columnsOf = (headers: readonly string[]): Column[] => headers.map(columnOf)

function columnOf(header: string): Column {
  const letters = lettersOf(header)
  const name = known.get(letters)
  if (name) return { kind: 'cell', name }
  const belonging = belongings.get(letters)
  if (belonging) return { kind: belonging }
  const words = foldHeader(header).split('_')
  const harmless =
    words.some((word) => HARMLESS_WORDS.has(word)) &&
    words.every((word) => HARMLESS_WORDS.has(word) || FILLERS.has(word) || /^\d+$/.test(word))
  return harmless ? { kind: 'extra', header: header.trim() } : { kind: 'dropped' }
}

/** The columns that a returns report cannot do without, as they are missed. */
export function missingColumns(columns: readonly Column[]): readonly string[] {
  const found = new Set(columns.map((column) => (column.kind === 'cell' ? column.name : '')))
  return [
    ...(found.has('orderReference') ? [] : ['order_id']),
    ...(found.has('returnRequestDate') ? [] : ['return_request_date']),
    ...(found.has('merchantSku') ? [] : ['merchant_sku']),
  ]
}
