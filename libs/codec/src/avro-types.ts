import { type LocalDate, memo } from '@backhaul/domain'
import { newestOf, type RecordName } from '@backhaul/schemas'
import avro from 'avsc'
import './short-strings.ts'

const DAY_MS = 86_400_000

const daysOf = memo((date) => {
  const ms = Date.parse(`${date}T00:00:00Z`)
  return Number.isNaN(ms) ? undefined : ms / DAY_MS
})

/** Avro `date` (days since 1970) as `YYYY-MM-DD`; no zone is involved, so no day shifts. */
class DateType extends avro.types.LogicalType {
  protected override _fromValue(days: number): LocalDate {
    return new Date(days * DAY_MS).toISOString().slice(0, 10)
  }

  // A foreign value must give undefined: a throw would make unions ambiguous.
  protected override _toValue(date: unknown): number | undefined {
    return typeof date === 'string' ? daysOf(date) : undefined
  }

  /** How a value of the writer's type is read: a date is a date already, a plain int counts days. */
  protected override _resolve(writer: avro.Type): ((value: never) => LocalDate) | undefined {
    if (writer instanceof DateType) return (date: LocalDate) => date
    return avro.Type.isType(writer, 'int') ? (days: number) => this._fromValue(days) : undefined
  }
}

/** Parses a schema for our domain records: instants stay milliseconds, unions are plain values. */
export const parseType = (schema: object): avro.Type =>
  avro.Type.forSchema(schema as avro.Schema, { wrapUnions: false, logicalTypes: { date: DateType } })

const newest = new Map<RecordName, avro.Type>()

/** The type that we write and read into. */
export function newestType(name: RecordName): avro.Type {
  let type = newest.get(name)
  if (!type) {
    type = parseType(newestOf(name))
    newest.set(name, type)
  }
  return type
}
