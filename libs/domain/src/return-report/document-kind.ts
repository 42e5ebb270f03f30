import { foldHeader } from './columns.ts'

const NEEDED = ['order_id', 'return_request_date', 'merchant_sku']

/** Other documents, by headers that only they have. */
const others: readonly { readonly looksLike: string; readonly headers: readonly string[] }[] = [
  {
    looksLike: 'an FBA customer returns report',
    headers: ['license_plate_number', 'fulfillment_center_id', 'detailed_disposition'],
  },
  { looksLike: 'an orders report', headers: ['amazon_order_id', 'buyer_email', 'purchase_date'] },
  { looksLike: 'a settlement report', headers: ['settlement_id'] },
]

/** What a document is by its first line: a returns report, or what it looks like instead. */
export function documentKind(
  firstLine: string,
): { readonly returns: true } | { readonly returns: false; readonly looksLike: string } {
  const line = firstLine.trim()
  if (/^<(!doctype|html)/i.test(line)) return { returns: false, looksLike: 'an HTML page' }
  if (/^<(\?xml|AmazonEnvelope)/i.test(line)) return { returns: false, looksLike: 'an XML document' }
  if (/^[{[]/.test(line)) return { returns: false, looksLike: 'a JSON document' }
  if (line.startsWith('PK\u0003\u0004'))
    return { returns: false, looksLike: 'an Excel workbook or a ZIP archive' }
  if (line.startsWith('%PDF')) return { returns: false, looksLike: 'a PDF' }
  if (line === '') return { returns: false, looksLike: 'an empty document' }
  const headers = new Set(firstLine.split('\t').map(foldHeader))
  if (NEEDED.every((name) => headers.has(name))) return { returns: true }
  const other = others.find((o) => o.headers.some((name) => headers.has(name)))
  if (other) return { returns: false, looksLike: other.looksLike }
  if (!line.includes('\t') && /^"?order.id"?[,;]/i.test(line))
    return { returns: false, looksLike: 'a table separated by commas or semicolons' }
  const missing = NEEDED.filter((name) => !headers.has(name)).join(', ')
  return { returns: false, looksLike: `a table without the columns ${missing}` }
}
