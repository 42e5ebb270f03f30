import type { LocalDate } from '@backhaul/domain'
import { newestOf, type RecordName } from '@backhaul/schemas'
import avro from 'avsc'
import { dayOf, daysOf } from './avro-dates.ts'

/** Avro `date` (days since 1970) as `YYYY-MM-DD`; no zone is involved, so no day shifts. */
class DateType extends avro.types.LogicalType {
  protected override _fromValue(days: number): LocalDate {
    return dayOf(days)
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

/** The type that we read older and newer schemas into; our own is read and written by `formatOf`. */
export function newestType(name: RecordName): avro.Type {
  let type = newest.get(name)
  if (!type) {
    type = parseType(newestOf(name))
    newest.set(name, type)
  }
  return type
}
