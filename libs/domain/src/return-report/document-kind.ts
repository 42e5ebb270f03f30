import { columnsOf, foldHeader, missingColumns } from './columns.ts'

/** Other documents, by headers that only they have; the first that fits. Source: Amazon, "Report type values". */
const others: readonly { readonly looksLike: string; readonly headers: readonly string[] }[] = [
  {
    looksLike: 'an FBA customer returns report',
    headers: ['license_plate_number', 'fulfillment_center_id', 'detailed_disposition'],
  },
  { looksLike: 'an FBA reimbursements report', headers: ['reimbursement_id'] },
  { looksLike: 'an FBA replacements report', headers: ['replacement_amazon_order_id'] },
  { looksLike: 'a settlement report', headers: ['settlement_id'] },
  { looksLike: 'a refund feed', headers: ['adjustment_reason_code'] },
  { looksLike: 'a cancellation feed', headers: ['cancellation_reason_code'] },
  { looksLike: 'a feed processing report', headers: ['original_record_number', 'error_code'] },
  { looksLike: 'an orders report', headers: ['amazon_order_id', 'buyer_email', 'purchase_date'] },
  { looksLike: 'a listings report', headers: ['listing_id', 'seller_sku', 'open_date'] },
  { looksLike: 'an inventory report', headers: ['fnsku', 'afn_fulfillable_quantity'] },
]

export type DocumentKind =
  | { readonly returns: true }
  | { readonly returns: false; readonly looksLike: string }

/** Separators of a table, the likeliest first. */
const SEPARATORS = ['\t', ',', ';'] as const
export type Separator = (typeof SEPARATORS)[number]

/** How a table is written, by its header. */
export interface Dialect {
  readonly separator: Separator
  /** True where quotes are syntax: commas or semicolons, or a header in quotes. Else they are letters, as in 12". */
  readonly quoted: boolean
  readonly headers: readonly string[]
}

const isQuoted = (cell: string) => /^"[^"]*"$/.test(cell.trim())

/** The header of a returns report in the separator that gives the columns it must have; null when none does. */
export function dialectOf(firstLine: string): Dialect | null {
  for (const separator of SEPARATORS) {
    const cells = firstLine.replace(/^\uFEFF/, '').split(separator)
    const quoted = cells.every(isQuoted)
    const headers = cells.map((cell) => (isQuoted(cell) ? cell.trim().slice(1, -1) : cell))
    if (missingColumns(columnsOf(headers)).length === 0)
      return { separator, quoted: quoted || separator !== '\t', headers }
  }
  return null
}

/** How a ZIP archive begins, which a workbook is, and a workbook of old. */
const WORKBOOKS = ['PK\u0003\u0004', '\u00d0\u00cf\u0011\u00e0']

/** What a document is by its first line: a returns report, or what it looks like instead. */
export function documentKind(firstLine: string): DocumentKind {
  const line = firstLine.replace(/^\uFEFF/, '').trim()
  if (/^<(!doctype|html)/i.test(line)) return { returns: false, looksLike: 'an HTML page' }
  if (/^<(\?xml|AmazonEnvelope)/i.test(line)) return { returns: false, looksLike: 'an XML document' }
  if (/^[{[]/.test(line)) return { returns: false, looksLike: 'a JSON document' }
  if (WORKBOOKS.some((begin) => line.startsWith(begin)))
    return { returns: false, looksLike: 'an Excel workbook or a ZIP archive' }
  if (line.startsWith('%PDF')) return { returns: false, looksLike: 'a PDF' }
  if (line === '') return { returns: false, looksLike: 'an empty document' }
  if (dialectOf(firstLine)) return { returns: true }
  const headers = new Set(firstLine.split(/[\t,;]/).map((cell) => foldHeader(cell.replaceAll('"', ''))))
  const other = others.find((o) => o.headers.some((name) => headers.has(name)))
  if (other) return { returns: false, looksLike: other.looksLike }
  if (!line.includes('\t') && /^"?order.id"?[,;]/i.test(line))
    return { returns: false, looksLike: 'a table separated by commas or semicolons' }
  if (!/[\t,;]/.test(firstLine)) return { returns: false, looksLike: 'a text without columns' }
  const missing = missingColumns(columnsOf(firstLine.split('\t'))).join(', ')
  return { returns: false, looksLike: `a table without the columns ${missing}` }
}

/** XML documents of Amazon's that hold no returns, by the folded name of their root or message type. */
const otherXml: Readonly<Record<string, string>> = {
  html: 'an HTML page',
  error: 'an error answer of the document store, such as for an expired address',
  errorresponse: 'an error answer of the document store, such as for an expired address',
  orderreport: 'an orders report',
  settlementreport: 'a settlement report',
  processingreport: 'a feed processing report',
  orderadjustment: 'a refund feed',
  orderacknowledgement: 'a cancellation feed',
}

/** What an XML document without returns looks like. The names are the document's own and never repeated (A9). */
export const xmlLooksLike = (rootOrMessageType: string): string | undefined => {
  const name = rootOrMessageType.toLowerCase().replaceAll(/[^a-z]/g, '')
  return Object.hasOwn(otherXml, name) ? otherXml[name] : undefined
}
