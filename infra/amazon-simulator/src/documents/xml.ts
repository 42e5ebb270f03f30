import Builder from 'fast-xml-builder'
import type { ReturnLine } from '../world/return-row.ts'

/** Columns that a return has once, whatever its items. */
const RETURN_COLUMNS = [
  'Order ID',
  'Order date',
  'Return request date',
  'Return request status',
  'Amazon RMA ID',
  'Label type',
  'Label cost',
  'Currency code',
  'Return carrier',
  'Tracking ID',
  'Label to be paid by',
  'A-to-Z Claim',
  'Is prime',
  'Return type',
  'Order Amount',
  'Order quantity',
]

const builder = new Builder({ ignoreAttributes: false, format: true, suppressEmptyNode: false })

/**
 * The XML twin of the flat file: the same rows, gathered into returns, with exact times, and no element where the flat file has a blank
 * cell. Source: Amazon, "Returns reports attributes"; the nesting from public documents.
 *
 * @param duplicates Each item twice, as a real document had it.
 */
export function renderXml(lines: readonly ReturnLine[], duplicates = false): string {
  const returns = Map.groupBy(lines, ({ row }) => RETURN_COLUMNS.map((column) => row[column]).join('\t'))
  const details = [...returns.values()].map((items) => returnOf(items, duplicates))
  return builder.build({
    '?xml': { '@_version': '1.0', '@_encoding': 'UTF-8' },
    AmazonEnvelope: {
      '@_xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
      '@_xsi:noNamespaceSchemaLocation': 'amzn-envelope.xsd',
      Header: { DocumentVersion: '1.00' },
      MessageType: 'Returns-Report',
      Message: details.length > 0 ? { return_details: details } : {},
    },
  })
}

function returnOf(items: readonly ReturnLine[], duplicates: boolean): object {
  const { row, orderedAt, requestedAt } = items[0] as ReturnLine
  const details = items.map((item) => itemOf(item))
  return present({
    item_details: duplicates ? details.flatMap((item) => [item, item]) : details,
    order_id: row['Order ID'],
    order_date: isoOf(orderedAt),
    amazon_rma_id: row['Amazon RMA ID'],
    return_request_date: isoOf(requestedAt),
    return_request_status: row['Return request status'],
    a_to_z_claim: row['A-to-Z Claim'] && String(row['A-to-Z Claim'] === 'Y'),
    is_prime: row['Is prime'],
    label_details: present({
      tracking_id: row['Tracking ID'],
      return_carrier: row['Return carrier'],
      currency_code: row['Currency code'],
      label_cost: row['Label cost'],
      label_type: row['Label type'],
    }),
    label_to_be_paid_by: row['Label to be paid by'],
    return_type: row['Return type'],
    order_amount: row['Order Amount'],
    order_quantity: row['Order quantity'],
  })
}

const itemOf = ({ row }: ReturnLine): object =>
  present({
    item_name: row['Item Name'],
    asin: row.ASIN,
    return_reason_code: row['Return Reason'],
    merchant_sku: row['Merchant SKU'],
    in_policy: row['In policy'],
    return_quantity: row['Return quantity'],
    resolution: row.Resolution,
    category: row.Category,
    refund_amount: row['Refunded Amount'],
  })

const isoOf = (instant: number) =>
  Number.isNaN(instant) ? '' : new Date(instant).toISOString().replace(/\.\d+Z$/, 'Z')

/** Blank values are absent elements. */
const present = (fields: Record<string, unknown>): object =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => !(typeof value === 'string' && value.trim() === '') && value !== undefined,
    ),
  )
