/** The parts of an Avro schema that our records use. */
export type AvroType = string | readonly AvroType[] | AvroComplex

export interface AvroComplex {
  readonly type: AvroType
  readonly logicalType?: string
  readonly name?: string
  readonly namespace?: string
  readonly doc?: string
  readonly items?: AvroType
  readonly values?: AvroType
  readonly fields?: readonly AvroField[]
}

export interface AvroField {
  readonly name: string
  readonly type: AvroType
  readonly doc?: string
  readonly default?: unknown
}

/** A record schema as a `.avsc` file holds it. */
export interface AvroRecord extends AvroComplex {
  readonly type: 'record'
  readonly name: string
  readonly fields: readonly AvroField[]
}
