import type { AvroField, AvroRecord, AvroType } from './schema.ts'
import { newestOf, type RecordName, recordNames } from './versions.ts'

const primitives: Readonly<Record<string, string>> = {
  string: 'string',
  int: 'number',
  long: 'number',
  boolean: 'boolean',
  bytes: 'Uint8Array',
  null: 'null',
}

function typeText(type: AvroType): string {
  if (typeof type === 'string') return primitives[type] ?? type
  if (isUnion(type)) {
    return [...type]
      .sort((a, b) => Number(a === 'null') - Number(b === 'null'))
      .map(typeText)
      .join(' | ')
  }
  if (type.logicalType === 'date') return 'LocalDate'
  if (type.logicalType === 'timestamp-millis') return 'Instant'
  if (type.type === 'array') return `readonly ${wrapped(typeText(type.items as AvroType))}[]`
  if (type.type === 'map') return `Readonly<Record<string, ${typeText(type.values as AvroType)}>>`
  if (type.type === 'record') return type.name as string
  return typeText(type.type)
}

const isUnion = (type: AvroType): type is readonly AvroType[] => Array.isArray(type)
const wrapped = (text: string) => (text.includes(' ') ? `(${text})` : text)

function collect(type: AvroType, into: Map<string, AvroRecord>): void {
  if (typeof type === 'string') return
  if (isUnion(type)) {
    for (const branch of type) collect(branch, into)
    return
  }
  if (type.items) collect(type.items, into)
  if (type.values) collect(type.values, into)
  if (type.type !== 'record') return
  const record = type as AvroRecord
  const same = into.get(record.name)
  if (same && JSON.stringify(same) !== JSON.stringify(record)) {
    throw new Error(`Two records called ${record.name} differ: give one another name`)
  }
  into.set(record.name, record)
  for (const field of record.fields) collect(field.type, into)
}

const fieldText = (field: AvroField) =>
  `  /** ${field.doc ?? ''} */\n  readonly ${field.name}: ${typeText(field.type)}`

const recordText = (record: AvroRecord) =>
  [
    `/** ${record.doc ?? ''} */`,
    `export interface ${record.name} {`,
    ...record.fields.map(fieldText),
    '}',
  ].join('\n')

/** TypeScript types of the newest version of every record, as one source file. */
export function renderTypes(names: readonly RecordName[] = recordNames): string {
  const records = new Map<string, AvroRecord>()
  for (const name of names) collect(newestOf(name), records)
  return `${[
    '// Generated from schemas/*/v*.avsc by `npm run generate`; do not edit.',
    "import type { Instant, LocalDate } from './time.ts'",
    ...[...records.values()].map(recordText),
    [
      '/** The records that topics carry, by name. */',
      'export interface RecordTypes {',
      ...names.map((name) => `  readonly ${name}: ${name}`),
      '}',
    ].join('\n'),
  ].join('\n\n')}\n`
}
