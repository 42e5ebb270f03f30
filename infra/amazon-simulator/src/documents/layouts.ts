import { randomFrom } from '../random.ts'

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

/** What is left when a file carries only what a return needs. */
const SHORT = [
  'Order ID',
  'Order date',
  'Return request date',
  'Return request status',
  'Amazon RMA ID',
  'Label type',
  'Currency code',
  'Return carrier',
  'Tracking ID',
  'ASIN',
  'Merchant SKU',
  'Item Name',
  'Return quantity',
  'Return Reason',
  'Resolution',
  'Refunded Amount',
]

/** Spellings of older files. */
const OLDER: Readonly<Record<string, string>> = {
  'Merchant RMA ID': 'Seller RMA ID',
  'A-to-Z Claim': 'A-to-z claim',
  'Return Reason': 'Return reason',
  'SafeT claim id': 'SafeT claim ID',
}

/** German headers. Four are known from a public parser, these others are in their manner; the rest stay English. */
const GERMAN: Readonly<Record<string, string>> = {
  'Order ID': 'Bestellnummer',
  'Order date': 'Bestelldatum',
  'Return request date': 'Datum der Rücksendeanforderung',
  'Return request status': 'Status der Rücksendeanforderung',
  'Amazon RMA ID': 'Amazon-RMA-Nummer',
  'Merchant RMA ID': 'Händler-RMA-Nummer',
  'Label type': 'Etikettentyp',
  'Tracking ID': 'Sendungsnummer',
  'Merchant SKU': 'Händler-SKU',
  'Item Name': 'Artikelname',
  'Return quantity': 'Rücksendemenge',
  'Return Reason': 'Rücksendegrund',
  Resolution: 'Lösung',
  'Order Amount': 'Bestellbetrag',
  'Return delivery date': 'Zustelldatum der Rücksendung',
  'Refunded Amount': 'Erstatteter Betrag',
}

/** A column of a file: its header, and the official name of what stands in it. */
export interface Column {
  readonly header: string
  readonly of: string
}

const plain = (names: readonly string[]): Column[] => names.map((name) => ({ header: name, of: name }))
const renamed = (names: Readonly<Record<string, string>>): Column[] =>
  COLUMNS.map((name) => ({ header: names[name] ?? name, of: name }))
const joined = (by: string): Column[] =>
  COLUMNS.map((name) => ({ header: name.toLowerCase().replaceAll(/[ -]/g, by), of: name }))

/** Column sets seen in files and parsers. Source: report headers of public parsers; the README names them. */
export const layouts = {
  official: plain(COLUMNS),
  'order-item-id': plain([...COLUMNS, 'Order Item ID']),
  category: plain([...COLUMNS, 'Category']),
  'uk-2026': plain([...COLUMNS, 'Category', 'VAT', 'Order Item ID']),
  short: plain(SHORT),
  older: renamed(OLDER),
  kebab: joined('-'),
  snake: joined('_'),
  german: renamed(GERMAN),
} as const satisfies Record<string, readonly Column[]>

export type LayoutName = keyof typeof layouts
export const LAYOUTS = Object.keys(layouts) as LayoutName[]

/** The columns in another order, from a seed. */
export function reordered(columns: readonly Column[], seed: number): Column[] {
  const random = randomFrom(seed)
  return columns
    .map((column) => ({ column, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ column }) => column)
}
