import type { CellName, Cells } from './columns.ts'

/**
 * Trimmed, also of marks that nobody sees, such as those of a direction of writing; null when nothing is left, and for a cell
 * that a row lacks. Most cells begin and end with a plain letter and are taken as they are, or are one blank.
 */
export function cellOf(text: string | undefined): string | null {
  if (text === undefined) return null
  const { length } = text
  if (length === 0) return null
  const first = text.charCodeAt(0)
  if (isPlain(first) && isPlain(text.charCodeAt(length - 1))) return text
  if (length === 1 && first === BLANK) return null
  const trimmed = text.trim()
  if (trimmed === '') return null
  const mayEndInMarks = isMark(trimmed.charCodeAt(0)) || isMark(trimmed.charCodeAt(trimmed.length - 1))
  return mayEndInMarks ? trimmed.replaceAll(MARKS_AT_ENDS, '') || null : trimmed
}

const MARKS_AT_ENDS =
  /^[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069]+|[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069]+$/g

const isMark = (code: number) => code >= 0x200b && code <= 0x2069

const BLANK = 0x20
const isPlain = (code: number) => code > 0x20 && code < 0x7f

/** Where each cell stands in the values of a row. */
export type Places = Readonly<Record<CellName, number>>

/** All cells in one place. */
export const placesAt = (place: number): Record<CellName, number> => ({
  orderDate: place,
  returnRequestDate: place,
  returnRequestStatus: place,
  amazonRmaId: place,
  merchantRmaId: place,
  labelType: place,
  labelCost: place,
  currencyCode: place,
  returnCarrier: place,
  trackingId: place,
  labelToBePaidBy: place,
  aToZClaim: place,
  isPrime: place,
  asin: place,
  merchantSku: place,
  itemName: place,
  returnQuantity: place,
  returnReason: place,
  inPolicy: place,
  returnType: place,
  resolution: place,
  invoiceNumber: place,
  returnDeliveryDate: place,
  orderAmount: place,
  orderQuantity: place,
  safeTActionReason: place,
  safeTClaimId: place,
  safeTClaimState: place,
  safeTClaimCreationTime: place,
  safeTClaimReimbursementAmount: place,
  refundedAmount: place,
  category: place,
  vat: place,
  orderItemId: place,
})

export const CELL_NAMES = Object.keys(placesAt(0)) as readonly CellName[]

/** The cells of a row. One literal with all names is several times as fast as one that grows name by name. */
export const cellsAt = (values: readonly string[], at: Places): Cells => ({
  orderDate: cellOf(values[at.orderDate]),
  returnRequestDate: cellOf(values[at.returnRequestDate]),
  returnRequestStatus: cellOf(values[at.returnRequestStatus]),
  amazonRmaId: cellOf(values[at.amazonRmaId]),
  merchantRmaId: cellOf(values[at.merchantRmaId]),
  labelType: cellOf(values[at.labelType]),
  labelCost: cellOf(values[at.labelCost]),
  currencyCode: cellOf(values[at.currencyCode]),
  returnCarrier: cellOf(values[at.returnCarrier]),
  trackingId: cellOf(values[at.trackingId]),
  labelToBePaidBy: cellOf(values[at.labelToBePaidBy]),
  aToZClaim: cellOf(values[at.aToZClaim]),
  isPrime: cellOf(values[at.isPrime]),
  asin: cellOf(values[at.asin]),
  merchantSku: cellOf(values[at.merchantSku]),
  itemName: cellOf(values[at.itemName]),
  returnQuantity: cellOf(values[at.returnQuantity]),
  returnReason: cellOf(values[at.returnReason]),
  inPolicy: cellOf(values[at.inPolicy]),
  returnType: cellOf(values[at.returnType]),
  resolution: cellOf(values[at.resolution]),
  invoiceNumber: cellOf(values[at.invoiceNumber]),
  returnDeliveryDate: cellOf(values[at.returnDeliveryDate]),
  orderAmount: cellOf(values[at.orderAmount]),
  orderQuantity: cellOf(values[at.orderQuantity]),
  safeTActionReason: cellOf(values[at.safeTActionReason]),
  safeTClaimId: cellOf(values[at.safeTClaimId]),
  safeTClaimState: cellOf(values[at.safeTClaimState]),
  safeTClaimCreationTime: cellOf(values[at.safeTClaimCreationTime]),
  safeTClaimReimbursementAmount: cellOf(values[at.safeTClaimReimbursementAmount]),
  refundedAmount: cellOf(values[at.refundedAmount]),
  category: cellOf(values[at.category]),
  vat: cellOf(values[at.vat]),
  orderItemId: cellOf(values[at.orderItemId]),
})
