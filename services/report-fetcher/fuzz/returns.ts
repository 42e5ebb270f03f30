import iconv from 'iconv-lite'

/** A return as both formats tell it, by the flat file's headers. */
export type Return = Readonly<Record<string, string>>

/** The documented columns. Source: Amazon, "Returns reports attributes". */
export const COLUMNS = [
  'Order ID',
  'Order date',
  'Return request date',
  'Return request status',
  'Amazon RMA ID',
  'Merchant RMA ID',
  'Label type',
  'Label cost',
  'Currency code',
  'Return carrier',
  'Tracking ID',
  'Label to be paid by',
  'A-to-Z Claim',
  'Is prime',
  'ASIN',
  'Merchant SKU',
  'Item Name',
  'Return quantity',
  'Return Reason',
  'In policy',
  'Return type',
  'Resolution',
  'Invoice number',
  'Return delivery date',
  'Order Amount',
  'Order quantity',
  'SafeT Action reason',
  'SafeT claim id',
  'SafeT claim state',
  'SafeT claim creation time',
  'SafeT claim reimbursement amount',
  'Refunded Amount',
] as const

/** A plausible return; give what a test is about. */
export const returnOf = (n: number, given: Return = {}): Return => ({
  'Order ID': `303-0000000-${String(n).padStart(7, '0')}`,
  'Order date': '14-Jul-2026',
  'Return request date': '02-Aug-2026',
  'Return request status': 'Approved',
  'Amazon RMA ID': `D${n}aRRMA`,
  'Label type': 'AmazonPrePaidLabel',
  'Label cost': '4.99',
  'Currency code': 'EUR',
  'Return carrier': 'DHL',
  'Tracking ID': `TRK${n}`,
  'Label to be paid by': 'Seller',
  'A-to-Z Claim': 'N',
  'Is prime': 'N',
  ASIN: 'B000000001',
  'Merchant SKU': '00123',
  'Item Name': 'Monitor 24" schwarz & weiß',
  'Return quantity': '1',
  'Return Reason': 'CR-DEFECTIVE',
  'In policy': 'Y',
  'Return type': 'C-Returns',
  Resolution: 'StandardRefund',
  'Order Amount': '19.99',
  'Order quantity': '1',
  'Refunded Amount': '19.99',
  ...given,
})

/** A flat file. A cell that a return does not have is one space, as at Amazon. */
export const flatFile = (
  returns: readonly Return[],
  columns: readonly string[] = COLUMNS,
  { separator = '\t', lineEnd = '\n', write = (cell: string) => cell } = {},
): string =>
  [columns, ...returns.map((r) => columns.map((column) => r[column] || ' '))]
    .map((cells) => cells.map(write).join(separator) + lineEnd)
    .join('')

/** A cell as CSV writes it. */
export const csvCell = (cell: string): string =>
  /[",;\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** `02-Aug-2026` as XML has it. */
const toInstant = (day: string): string => {
  const [date, month, year] = day.split('-') as [string, string, string]
  return `${year}-${String(MONTHS.indexOf(month) + 1).padStart(2, '0')}-${date}T12:44:17Z`
}

const escapeXml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

/** XML elements by the flat file's headers, where they are. Source: the same page. */
const ITEM: Readonly<Record<string, string>> = {
  'Item Name': 'item_name',
  ASIN: 'asin',
  'Return Reason': 'return_reason_code',
  'Merchant SKU': 'merchant_sku',
  'In policy': 'in_policy',
  'Return quantity': 'return_quantity',
  Resolution: 'resolution',
  Category: 'category',
  'Refunded Amount': 'refund_amount',
}
const LABEL: Readonly<Record<string, string>> = {
  'Tracking ID': 'tracking_id',
  'Return carrier': 'return_carrier',
  'Currency code': 'currency_code',
  'Label cost': 'label_cost',
  'Label type': 'label_type',
}
const SHARED: Readonly<Record<string, string>> = {
  'Order ID': 'order_id',
  'Order date': 'order_date',
  'Amazon RMA ID': 'amazon_rma_id',
  'Return request date': 'return_request_date',
  'Return request status': 'return_request_status',
  'A-to-Z Claim': 'a_to_z_claim',
  'Is prime': 'is_prime',
}
const LATER: Readonly<Record<string, string>> = {
  'Label to be paid by': 'label_to_be_paid_by',
  'Return type': 'return_type',
  'Order Amount': 'order_amount',
  'Order quantity': 'order_quantity',
}

/** Columns that XML has too. */
export const XML_COLUMNS = [ITEM, LABEL, SHARED, LATER].flatMap((part) => Object.keys(part))

/** One `return_details` of items that share all but the item's own cells. */
export function xmlReturn(items: readonly Return[], more = ''): string {
  const [first] = items as [Return]
  const elements = (of: Return, names: Readonly<Record<string, string>>) =>
    Object.entries(names)
      .filter(([header]) => of[header])
      .map(([header, name]) => `<${name}>${escapeXml(xmlValue(header, of[header] as string))}</${name}>`)
      .join('')
  return `    <return_details>
      ${items.map((item) => `<item_details>${elements(item, ITEM)}</item_details>`).join('\n      ')}
      ${elements(first, SHARED)}
      <label_details>${elements(first, LABEL)}</label_details>${elements(first, LATER)}${more}
    </return_details>`
}

function xmlValue(header: string, value: string): string {
  if (header.endsWith('date')) return toInstant(value)
  return header === 'A-to-Z Claim' ? String(value === 'Y') : value
}

/** A whole XML document. */
export const xmlDocument = (
  returns: readonly string[],
  { encoding = 'UTF-8', messageType = 'Returns-Report' } = {},
): string => `<?xml version="1.0" encoding="${encoding}"?>
<AmazonEnvelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="amzn-envelope.xsd">
  <Header><DocumentVersion>1.00</DocumentVersion></Header>
  <MessageType>${messageType}</MessageType>
  <Message>
${returns.join('\n')}
  </Message>
</AmazonEnvelope>
`

/** A text in a charset, such as `win1252`, `Shift_JIS` or `utf16le`. */
export const inCharset = (text: string, charset: string): Buffer => iconv.encode(text, charset)
