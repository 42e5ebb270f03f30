import { gzipSync } from 'node:zlib'
import type { ReportRow } from './world.ts'

/** The documented header of the returns report. Source: Amazon, "Returns reports attributes". */
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
]

/** A document as it lies at its address. */
export interface StoredDocument {
  readonly bytes: Buffer
  /** Charset of the `Content-Type`; null leaves it out. */
  readonly charset: string | null
  readonly gzip: boolean
}

/** Windows-1252 where it differs from Latin-1. Source: Unicode, CP1252.TXT. */
const CP1252: Readonly<Record<string, number>> = {
  '€': 0x80,
  '‚': 0x82,
  ƒ: 0x83,
  '„': 0x84,
  '…': 0x85,
  '†': 0x86,
  '‡': 0x87,
  ˆ: 0x88,
  '‰': 0x89,
  Š: 0x8a,
  '‹': 0x8b,
  Œ: 0x8c,
  Ž: 0x8e,
  '‘': 0x91,
  '’': 0x92,
  '“': 0x93,
  '”': 0x94,
  '•': 0x95,
  '–': 0x96,
  '—': 0x97,
  '˜': 0x98,
  '™': 0x99,
  š: 0x9a,
  '›': 0x9b,
  œ: 0x9c,
  ž: 0x9e,
  Ÿ: 0x9f,
}

/** Text in windows-1252; letters it lacks become `?`, as at Amazon. */
export const toCp1252 = (text: string): Buffer =>
  Buffer.from(
    [...text].map((c) => CP1252[c] ?? (c.charCodeAt(0) < 256 && c.length === 1 ? c.charCodeAt(0) : 0x3f)),
  )

/** The report of a marketplace: blank cells are one space, and newer columns come where rows have them. */
export function renderReport(rows: readonly ReportRow[], columns: readonly string[]): string {
  const cell = (row: ReportRow, column: string) => row[column] || ' '
  const lines = rows.map((row) => columns.map((column) => cell(row, column)).join('\t'))
  return `${[columns.join('\t'), ...lines].join('\n')}\n`
}

/** Stores a report's text as Amazon's European flat files come: Cp1252, gzip. */
export const storeReport = (text: string): StoredDocument => ({
  bytes: gzipSync(toCp1252(text)),
  charset: 'Cp1252',
  gzip: true,
})
