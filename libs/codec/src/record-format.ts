import type { AvroField, AvroRecord, AvroType } from '@backhaul/schemas'
import { dayOf, daysOf } from './avro-dates.ts'
import { AvroReader } from './avro-reader.ts'
import { AvroWriter } from './avro-writer.ts'

/** How one record stands in bytes: Avro's binary encoding, as avsc has it, at half of its cost. */
export interface RecordFormat {
  /**
   * @param at Where the record begins in the bytes.
   * @returns The record, and where it ends; -1 where the bytes end before.
   * @throws Error when the bytes are not of this schema.
   */
  read(bytes: Buffer, at: number): { value: unknown; end: number }
  /**
   * @param at Where the record is to begin in the bytes.
   * @returns Where it ends: beyond the bytes when they are too few.
   * @throws Error when the value does not fit the schema.
   */
  write(value: unknown, bytes: Buffer, at: number): number
}

const reader = new AvroReader()
const writer = new AvroWriter()

/**
 * Makes the functions that read and write a record, in JavaScript that knows its fields: each reads or writes all of them in a
 * row, without asking a type object for each.
 *
 * @param schema One of our own: what it names becomes code.
 */
export function formatOf(schema: AvroRecord): RecordFormat {
  const source = new Source()
  const [read, write] = [source.reading(schema), source.writing(schema, 'v')]
  const body = `${source.functions}return { read: (r) => ${read}, write: (w, v) => { ${write} } }`
  const made = new Function('dayOf', 'daysOf', body)(dayOf, daysOf) as {
    read(from: AvroReader): unknown
    write(into: AvroWriter, value: unknown): void
  }
  return {
    read(bytes, at) {
      reader.open(bytes, at)
      const value = made.read(reader)
      return { value, end: reader.isWhole ? reader.at : -1 }
    },
    write(value, bytes, at) {
      writer.open(bytes, at)
      made.write(writer, value)
      return writer.at
    },
  }
}

/** The JavaScript of a schema: expressions that read, statements that write, and a pair of functions for each type with parts. */
class Source {
  functions = ''
  /** Names of the functions made so far, by type, and by the type's own name. */
  readonly #made = new Map<AvroType, string>()

  /** An expression that reads a value from the reader `r`. */
  reading(type: AvroType): string {
    if (isUnion(type)) return `(r.isNull() ? null : ${this.reading(branchOf(type))})`
    const primitive = primitiveOf(type)
    if (primitive === 'date') return 'dayOf(r.long())'
    return primitive ? `r.${READS[primitive]}()` : `read${this.#functionsOf(type)}(r)`
  }

  /** Statements that write the value of an expression to the writer `w`. */
  writing(type: AvroType, value: string): string {
    if (isUnion(type)) {
      return `if (${value} === null) w.byte(0); else { w.byte(2); ${this.writing(branchOf(type), value)} }`
    }
    const primitive = primitiveOf(type)
    if (primitive === 'date') return `w.int(daysOf(${value}));`
    return primitive ? `w.${WRITES[primitive]}(${value});` : `write${this.#functionsOf(type)}(w, ${value});`
  }

  /** Name of the pair of functions of a record, a list or a map. */
  #functionsOf(type: AvroType): string {
    const known = this.#made.get(type)
    if (known) return known
    const { name, fields, items, values } = type as Parts
    const own = `${name ?? 'Items'}${this.#made.size}`
    this.#made.set(type, own)
    if (name) this.#made.set(name, own)
    if (fields) this.#addRecord(own, fields)
    else if (items) this.#addList(own, items)
    else if (values) this.#addMap(own, values)
    else throw new Error(`Avro type ${JSON.stringify(type)} is not known here`)
    return own
  }

  #addRecord(own: string, fields: readonly AvroField[]): void {
    const reads = fields.map(({ name, type }) => `${name}: ${this.reading(type)}`)
    const writes = fields.map(({ name, type, ...rest }, n) => {
      const ifMissing =
        'default' in rest ? `if (f${n} === undefined) f${n} = ${JSON.stringify(rest.default)};` : ''
      return `let f${n} = v.${name}; ${ifMissing} ${this.writing(type, `f${n}`)}`
    })
    this.#add(own, `return { ${reads.join(', ')} }`, writes.join('\n'))
  }

  #addList(own: string, items: AvroType): void {
    this.#add(
      own,
      `let n = r.count()
      if (n === 0) return []
      const list = new Array(Math.min(n, r.left))
      for (let at = 0; n > 0; n = r.count()) for (; n > 0 && r.isWhole; n--) list[at++] = ${this.reading(items)}
      return list`,
      `for (let n = 0, length = w.countOf(v); n < length; n++) { const item = v[n]; ${this.writing(items, 'item')} }
      w.byte(0)`,
    )
  }

  #addMap(own: string, values: AvroType): void {
    this.#add(
      own,
      `const map = {}
      for (let n = r.count(); n > 0; n = r.count()) for (; n > 0 && r.isWhole; n--) map[r.text()] = ${this.reading(values)}
      return map`,
      `for (const key of w.keysOf(v)) { w.text(key); const value = v[key]; ${this.writing(values, 'value')} }
      w.byte(0)`,
    )
  }

  #add(own: string, read: string, write: string): void {
    this.functions += `function read${own}(r) { ${read} }\nfunction write${own}(w, v) { ${write} }\n`
  }
}

/** Methods of reader and writer, by primitive type. */
const READS = {
  string: 'text',
  int: 'long',
  long: 'long',
  boolean: 'boolean',
  bytes: 'view',
  date: '',
} as const
const WRITES = { ...READS, int: 'int', bytes: 'sized' } as const

interface Parts {
  readonly name?: string
  readonly fields?: readonly AvroField[]
  readonly items?: AvroType
  readonly values?: AvroType
}

/** The primitive that a type is; undefined for one with parts. */
function primitiveOf(type: AvroType): keyof typeof READS | undefined {
  if (isUnion(type)) return undefined
  if (typeof type === 'object') return type.logicalType === 'date' ? 'date' : primitiveOf(type.type)
  return type in READS ? (type as keyof typeof READS) : undefined
}

const isUnion = (type: AvroType): type is readonly AvroType[] => Array.isArray(type)

/** The other branch of a union with null. */
function branchOf(union: readonly AvroType[]): AvroType {
  const [first, branch] = union
  if (union.length === 2 && first === 'null' && branch) return branch
  throw new Error(`Unions of our records are of null and one type, not ${JSON.stringify(union)}`)
}
