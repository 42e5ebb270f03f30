import { marketplaceById } from '@backhaul/domain'
import { randomFrom } from '../random.ts'
import type { WorldReturn } from './world.ts'

const CARRIERS: Readonly<Record<string, string>> = {
  DE: 'DHL',
  FR: 'Colissimo',
  GB: 'Royal Mail',
  US: 'UPS',
  CA: 'Canada Post',
  JP: 'Yamato Transport',
}
const CATEGORIES = ['Apparel', 'Kitchen', 'Home', 'Electronics']

/** A row of the returns report, by the column names of the official header. */
export type ReportRow = Readonly<Record<string, string>>

/** A row with the instants that the flat file cuts to days and XML gives in full. */
export interface ReturnLine {
  readonly row: ReportRow
  readonly orderedAt: number
  readonly requestedAt: number
}

/** The return as it stands at a moment; null before the buyer asked for it. */
export function lineAt(r: WorldReturn, now: number): ReturnLine | null {
  const row = rowAt(r, now)
  return row && { row, orderedAt: r.order.orderedAt, requestedAt: r.requestedAt }
}

/** A row that a test gave: its instants are the days that it names. */
export const lineOf = (row: ReportRow): ReturnLine => ({
  row,
  orderedAt: Date.parse(`${row['Order date']} UTC`),
  requestedAt: Date.parse(`${row['Return request date']} UTC`),
})

/** The row of a return as it stands at a moment; null before the buyer asked for it. */
export function rowAt(r: WorldReturn, now: number): ReportRow | null {
  if (r.requestedAt > now) return null
  const marketplace = marketplaceById(r.order.marketplaceId)
  const paid = ((r.line.article.priceCents * r.line.quantity) / 100).toFixed(2)
  const reached = (moment: number) => now >= moment
  return {
    'Order ID': r.order.orderId,
    'Order date': amazonDay(r.order.orderedAt),
    'Return request date': amazonDay(r.requestedAt),
    'Return request status': reached(r.closedAt) ? 'Closed' : 'Approved',
    'Amazon RMA ID': r.rmaId,
    'Label type': r.prepaid ? 'AmazonPrePaidLabel' : 'AmazonUnPaidLabel',
    'Label cost': r.prepaid ? '4.99' : '0.0',
    'Currency code': marketplace?.currency ?? '',
    'Return carrier': reached(r.shippedAt) ? (CARRIERS[marketplace?.country ?? ''] ?? '') : '',
    'Tracking ID': reached(r.shippedAt) ? `TRK${r.rmaId.slice(1, 8).toUpperCase()}` : '',
    'Label to be paid by': r.prepaid ? 'Seller' : 'Customer',
    'A-to-Z Claim': 'N',
    'Is prime': r.order.prime ? 'Y' : 'N',
    ASIN: r.line.article.asin,
    'Merchant SKU': r.sku,
    'Item Name': r.line.article.title,
    'Return quantity': String(r.line.quantity),
    'Return Reason': r.reason,
    'In policy': 'Y',
    'Return type': 'C-Returns',
    Resolution: 'StandardRefund',
    'Return delivery date': reached(r.deliveredAt) ? amazonDay(r.deliveredAt) : '',
    'Order Amount': paid,
    'Order quantity': String(r.line.quantity),
    'Refunded Amount': reached(r.refundedAt) ? paid : '',
    'Order Item ID': r.line.orderItemId,
    ...seldomFilled(r, reached(r.closedAt)),
  }
}

/** Columns that most rows leave blank; from the order item's id, so that the demo's other figures stay as they are. */
function seldomFilled(r: WorldReturn, closed: boolean): ReportRow {
  const random = randomFrom(Number(r.line.orderItemId.slice(-9)))
  const claimed = random() < 0.03 && closed
  const merchantRma = random() < 0.1 ? `RMA-${r.line.orderItemId.slice(-6)}` : ''
  return {
    'Merchant RMA ID': merchantRma,
    Category: CATEGORIES[Math.floor(random() * CATEGORIES.length)] as string,
    ...(claimed && {
      'SafeT Action reason': 'Item not returned',
      'SafeT claim id': `00000-00000-${r.line.orderItemId.slice(-7)}`,
      'SafeT claim state': 'Approved',
      'SafeT claim creation time': `${amazonDay(r.closedAt)} 09:00:00`,
      'SafeT claim reimbursement amount': '5.00',
    }),
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `14-Jul-2026`. */
export function amazonDay(instant: number): string {
  const date = new Date(instant)
  return `${String(date.getUTCDate()).padStart(2, '0')}-${MONTHS[date.getUTCMonth()]}-${date.getUTCFullYear()}`
}
