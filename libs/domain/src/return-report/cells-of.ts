import type { CellName, Cells } from './columns.ts'

/**
 * Trimmed, also of marks that nobody sees, such as those of a direction of writing; null when nothing is left. Most cells
 * begin and end with a plain letter and are taken as they are.
 */
export function cellOf(text: string): string | null {
  const { length } = text
  if (length === 0) return null
  if (isPlain(text.charCodeAt(0)) && isPlain(text.charCodeAt(length - 1))) return text
  const trimmed = text.trim()
  if (trimmed === '') return null
  const mayEndInMarks = isMark(trimmed.charCodeAt(0)) || isMark(trimmed.charCodeAt(trimmed.length - 1))
  return mayEndInMarks ? trimmed.replaceAll(MARKS_AT_ENDS, '') || null : trimmed
}

const MARKS_AT_ENDS =
  /^[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069]+|[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069]+$/g

const isMark = (code: number) => code >= 0x200b && code <= 0x2069

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
  orderDate: cellOf(values[at.orderDate] as string),
  returnRequestDate: cellOf(values[at.returnRequestDate] as string),
  returnRequestStatus: cellOf(values[at.returnRequestStatus] as string),
  amazonRmaId: cellOf(values[at.amazonRmaId] as string),
  merchantRmaId: cellOf(values[at.merchantRmaId] as string),
  labelType: cellOf(values[at.labelType] as string),
  labelCost: cellOf(values[at.labelCost] as string),
  currencyCode: cellOf(values[at.currencyCode] as string),
  returnCarrier: cellOf(values[at.returnCarrier] as string),
  trackingId: cellOf(values[at.trackingId] as string),
  labelToBePaidBy: cellOf(values[at.labelToBePaidBy] as string),
  aToZClaim: cellOf(values[at.aToZClaim] as string),
  isPrime: cellOf(values[at.isPrime] as string),
  asin: cellOf(values[at.asin] as string),
  merchantSku: cellOf(values[at.merchantSku] as string),
  itemName: cellOf(values[at.itemName] as string),
  returnQuantity: cellOf(values[at.returnQuantity] as string),
  returnReason: cellOf(values[at.returnReason] as string),
  inPolicy: cellOf(values[at.inPolicy] as string),
  returnType: cellOf(values[at.returnType] as string),
  resolution: cellOf(values[at.resolution] as string),
  invoiceNumber: cellOf(values[at.invoiceNumber] as string),
  returnDeliveryDate: cellOf(values[at.returnDeliveryDate] as string),
  orderAmount: cellOf(values[at.orderAmount] as string),
  orderQuantity: cellOf(values[at.orderQuantity] as string),
  safeTActionReason: cellOf(values[at.safeTActionReason] as string),
  safeTClaimId: cellOf(values[at.safeTClaimId] as string),
  safeTClaimState: cellOf(values[at.safeTClaimState] as string),
  safeTClaimCreationTime: cellOf(values[at.safeTClaimCreationTime] as string),
  safeTClaimReimbursementAmount: cellOf(values[at.safeTClaimReimbursementAmount] as string),
  refundedAmount: cellOf(values[at.refundedAmount] as string),
  category: cellOf(values[at.category] as string),
  vat: cellOf(values[at.vat] as string),
  orderItemId: cellOf(values[at.orderItemId] as string),
})
