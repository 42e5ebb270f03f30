import type { ReportRow } from '../world/return-row.ts'
import type { DocumentStyle } from './document-style.ts'
import { type Column, layouts, reordered } from './layouts.ts'

const AMOUNTS = new Set(['Label cost', 'Order Amount', 'SafeT claim reimbursement amount', 'Refunded Amount'])
const DAYS = new Set(['Order date', 'Return request date', 'Return delivery date'])
const YES_NO = new Set(['A-to-Z Claim', 'Is prime', 'In policy'])
const SPELLINGS = { letter: ['Y', 'N'], word: ['Yes', 'No'], boolean: ['true', 'false'] } as const
const REORDER_SEED = 11

/** The report of a marketplace: blank cells are one space, and newer columns come where rows have them. */
export const renderReport = (rows: readonly ReportRow[], columns: readonly string[]): string =>
  renderFlatFile(
    rows,
    columns.map((name) => ({ header: name, of: name })),
    {},
  )

/** Columns of a style, in its order; the official ones when it names no layout. */
export function columnsOf({ layout = 'official', reordered: shuffled }: DocumentStyle): readonly Column[] {
  return shuffled ? reordered(layouts[layout], REORDER_SEED) : layouts[layout]
}

/** Rows, by official column name, as a tab-separated file in a style. */
export function renderFlatFile(
  rows: readonly ReportRow[],
  columns: readonly Column[],
  style: DocumentStyle,
): string {
  const header = columns.map((column) => column.header).join('\t')
  const blank = style.blank === 'nothing' ? '' : ' '
  const lines = rows.flatMap((row) => {
    const cells = columns.map(({ of }) => cellOf(of, row[of] ?? '', style) || blank)
    if (style.shortRows) while (cells.at(-1)?.trim() === '') cells.pop()
    const line = cells.join('\t')
    return style.duplicates ? [line, line] : [line]
  })
  const every = style.headerEvery
  const body = every
    ? lines.flatMap((line, n) => (n > 0 && n % every === 0 ? [header, line] : [line]))
    : lines
  const lineEnd = style.lineEnd === 'crlf' ? '\r\n' : '\n'
  return [header, ...body].map((line) => line + lineEnd).join('')
}

function cellOf(column: string, value: string, style: DocumentStyle): string {
  if (AMOUNTS.has(column) && style.decimal === 'comma') return value.replace('.', ',')
  if (DAYS.has(column) && style.dates === 'iso' && value.trim()) {
    return new Date(`${value} UTC`).toISOString().slice(0, 10)
  }
  if (YES_NO.has(column) && (value === 'Y' || value === 'N')) {
    return SPELLINGS[style.yesNo ?? 'letter'][value === 'Y' ? 0 : 1]
  }
  return column === 'Item Name' ? quoted(value, style.quotes) : value
}

function quoted(value: string, quotes: DocumentStyle['quotes']): string {
  if (quotes === 'line-breaks') return csv(value.replace(', ', ',\n'))
  return quotes === 'csv' && value.includes('"') ? csv(value) : value
}

const csv = (value: string) => `"${value.replaceAll('"', '""')}"`
