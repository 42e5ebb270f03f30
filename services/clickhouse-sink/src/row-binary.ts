// Layout of the format. Source: ClickHouse documentation, "RowBinary".

import { Fault } from '@backhaul/domain'
import type { ErrorCode } from './errors.ts'

const FIRST_BYTES = 64 * 1024
const DAY_MS = 86_400_000
/** What Date32 holds. ClickHouse takes days outside of it in this format, and shows others instead. */
const FIRST_DAY = '1900-01-01'
const LAST_DAY = '2299-12-31'

/** Bytes of rows in ClickHouse's RowBinary, in a buffer that grows. */
export class RowWriter {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES)
  #length = 0

  /** What was written so far; valid until the next write. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  uint8(value: number): void {
    this.#room(1)
    this.#length = this.#bytes.writeUInt8(value, this.#length)
  }

  int32(value: number): void {
    this.#room(4)
    this.#length = this.#bytes.writeInt32LE(value, this.#length)
  }

  int64(value: bigint): void {
    this.#room(8)
    this.#length = this.#bytes.writeBigInt64LE(value, this.#length)
  }

  /** Unsigned LEB128. */
  length(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.uint8((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.uint8(rest)
  }

  text(value: string): void {
    const bytes = Buffer.byteLength(value)
    this.length(bytes)
    this.#room(bytes)
    this.#bytes.write(value, this.#length, bytes, 'utf8')
    this.#length += bytes
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + bytes))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}

/** A ClickHouse type, and how a value of it is written. */
export interface ColumnType<V> {
  readonly sql: string
  write(writer: RowWriter, value: V): void
}

export const text: ColumnType<string> = { sql: 'String', write: (w, v) => w.text(v) }
export const code: ColumnType<string> = { sql: 'LowCardinality(String)', write: (w, v) => w.text(v) }
export const bool: ColumnType<boolean> = { sql: 'Bool', write: (w, v) => w.uint8(v ? 1 : 0) }
export const int32: ColumnType<number> = { sql: 'Int32', write: (w, v) => w.int32(v) }
export const int64: ColumnType<number> = { sql: 'Int64', write: (w, v) => w.int64(BigInt(v)) }
export const uint64: ColumnType<bigint> = { sql: 'UInt64', write: (w, v) => w.int64(BigInt.asIntN(64, v)) }

/** A calendar day `YYYY-MM-DD`; no zone is involved (B9). Outside of 1900 to 2299: Fault `ROWS_UNSTORABLE`. */
export const date: ColumnType<string> = {
  sql: 'Date32',
  write(w, v) {
    if (v < FIRST_DAY || v > LAST_DAY) {
      const message = `${v} is no day between ${FIRST_DAY} and ${LAST_DAY}`
      throw new Fault('ROWS_UNSTORABLE' satisfies ErrorCode, message)
    }
    w.int32(Date.parse(`${v}T00:00:00Z`) / DAY_MS)
  },
}

/** UTC milliseconds. */
export const instant: ColumnType<number> = {
  sql: "DateTime64(3, 'UTC')",
  write: (w, v) => w.int64(BigInt(v)),
}

export const nullable = <V>(type: ColumnType<V>): ColumnType<V | null> => ({
  sql: type === (code as unknown) ? 'LowCardinality(Nullable(String))' : `Nullable(${type.sql})`,
  write(w, v) {
    w.uint8(v === null ? 1 : 0)
    if (v !== null) type.write(w, v)
  },
})

export const list = <V>(type: ColumnType<V>): ColumnType<readonly V[]> => ({
  sql: `Array(${type.sql})`,
  write(w, values) {
    w.length(values.length)
    for (const value of values) type.write(w, value)
  },
})

/** Sorted by key: the same map gives the same bytes. */
export const counts: ColumnType<Readonly<Record<string, number>>> = {
  sql: 'Map(LowCardinality(String), UInt64)',
  write(w, map) {
    const entries = Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))
    w.length(entries.length)
    for (const [key, value] of entries) {
      w.text(key)
      w.int64(BigInt(value))
    }
  },
}
