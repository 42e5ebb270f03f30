import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { Fault } from '@backhaul/domain'
import { crc32c } from '@node-rs/crc32'
import {
  ATTRIBUTES_AT,
  BASE_TIMESTAMP_AT,
  COMPRESSION_BITS,
  CONTROL_BIT,
  COUNT_AT,
  CRC_AT,
  LAST_OFFSET_DELTA_AT,
  LENGTH_AT,
  LENGTH_FROM,
  LOG_APPEND_TIME_BIT,
  MAGIC,
  MAGIC_AT,
  MAX_TIMESTAMP_AT,
  PRODUCER_ID_AT,
  RECORDS_AT,
  TRANSACTIONAL_BIT,
} from './record-batch-layout.ts'

/** One record as it stands in the log. */
export interface LogRecord {
  readonly offset: bigint
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer | null>>
}

/** A transaction that was aborted, as the broker lists it, in any order. */
export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

/** A record set whose batches were checked, its records not yet read. */
export interface RecordSet {
  /** Offset to fetch next: behind the last batch, also where compaction emptied it. Null when nothing was whole. */
  readonly nextOffset: bigint | null
  /**
   * Reads the records; what they hold stays bytes until it is asked for.
   *
   * @throws Fault `RECORD_BATCH_CORRUPT` or `COMPRESSION_UNSUPPORTED`: not retryable, the log must be looked at.
   */
  records(): LogRecord[]
}

const ABORT_MARKER = 0

const decompressions: Readonly<Record<number, (bytes: Buffer) => Buffer>> = {
  0: (bytes) => bytes,
  1: (bytes) => gunzipSync(bytes),
  4: (bytes) => zstdDecompressSync(bytes),
}

/**
 * Opens a fetched record set for a read_committed reader that asked for `fetchOffset`.
 *
 * Control records and records of aborted transactions are left out; each batch's CRC32C is checked.
 *
 * @throws Fault `RECORD_BATCH_CORRUPT`: not retryable, the log must be looked at.
 */
export function openRecordSet(
  bytes: Buffer,
  fetchOffset: bigint,
  abortedTransactions: readonly AbortedTransaction[],
): RecordSet {
  // The broker lists aborted transactions by their end; they are entered by their start.
  const starting = [...abortedTransactions].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1))
  const aborting = new Set<bigint>()
  const visible: Buffer[] = []
  let nextOffset: bigint | null = null
  let entered = 0

  for (let at = 0; at + RECORDS_AT <= bytes.length; ) {
    const end = at + LENGTH_FROM + bytes.readInt32BE(at + LENGTH_AT)
    if (end > bytes.length) break // the broker cuts the last batch at the size limit
    const batch = bytes.subarray(at, end)
    at = end
    verify(batch)

    const lastOffset = batch.readBigInt64BE(0) + BigInt(batch.readInt32BE(LAST_OFFSET_DELTA_AT))
    const attributes = batch.readInt16BE(ATTRIBUTES_AT)
    const producerId = batch.readBigInt64BE(PRODUCER_ID_AT)
    nextOffset = lastOffset + 1n

    for (let t = starting[entered]; t && t.firstOffset <= lastOffset; t = starting[++entered]) {
      aborting.add(t.producerId)
    }
    if (attributes & CONTROL_BIT) {
      if (markerType(batch) === ABORT_MARKER) aborting.delete(producerId)
    } else if (!(attributes & TRANSACTIONAL_BIT && aborting.has(producerId))) {
      visible.push(batch)
    }
  }
  return {
    nextOffset,
    records() {
      const records: LogRecord[] = []
      for (const batch of visible) readRecords(batch, fetchOffset, records)
      return records
    },
  }
}

function verify(batch: Buffer): void {
  const offset = batch.readBigInt64BE(0)
  if (batch[MAGIC_AT] !== MAGIC) {
    throw new Fault(
      'RECORD_BATCH_CORRUPT',
      `Record batch at offset ${offset} has magic ${batch[MAGIC_AT]}, not ${MAGIC}`,
    )
  }
  if (crc32c(batch.subarray(ATTRIBUTES_AT)) !== batch.readUInt32BE(CRC_AT)) {
    throw new Fault('RECORD_BATCH_CORRUPT', `Record batch at offset ${offset} fails its CRC32C check`)
  }
}

function decompress(bytes: Buffer, type: number, baseOffset: bigint): Buffer {
  const call = decompressions[type]
  if (!call) {
    throw new Fault(
      'COMPRESSION_UNSUPPORTED',
      `Record batch at offset ${baseOffset} uses compression type ${type}; none, gzip and zstd can be read`,
    )
  }
  try {
    return call(bytes)
  } catch (cause) {
    const message = `Record batch at offset ${baseOffset} cannot be decompressed`
    throw new Fault('RECORD_BATCH_CORRUPT', message, { cause })
  }
}

/** Type of the control record: its key is version (int16), then type (int16). A compacted marker has no record. */
function markerType(batch: Buffer): number | null {
  if (batch.readInt32BE(COUNT_AT) === 0) return null
  const cursor = new Cursor(batch, RECORDS_AT)
  cursor.varint()
  cursor.at += 1
  cursor.varint()
  cursor.varint()
  const key = cursor.bytes()
  return key && key.length >= 4 ? key.readInt16BE(2) : null
}

function readRecords(batch: Buffer, fetchOffset: bigint, into: LogRecord[]): void {
  const baseOffset = batch.readBigInt64BE(0)
  const attributes = batch.readInt16BE(ATTRIBUTES_AT)
  const baseTimestamp = Number(batch.readBigInt64BE(BASE_TIMESTAMP_AT))
  const appendTime = attributes & LOG_APPEND_TIME_BIT ? Number(batch.readBigInt64BE(MAX_TIMESTAMP_AT)) : null
  const records = decompress(batch.subarray(RECORDS_AT), attributes & COMPRESSION_BITS, baseOffset)
  const firstDelta = Number(fetchOffset - baseOffset)
  const cursor = new Cursor(records, 0)
  for (let left = batch.readInt32BE(COUNT_AT); left > 0; left--) {
    const end = cursor.varint() + cursor.at
    cursor.at += 1
    const since = cursor.varlong()
    const delta = cursor.varint()
    const keyBytes = cursor.skip()
    const keyEnd = cursor.at
    const valueBytes = cursor.skip()
    const valueEnd = cursor.at
    if (end > records.length || valueEnd > end) throw endsBeyond()
    cursor.at = end
    if (delta < firstDelta) continue
    const timestamp = appendTime ?? baseTimestamp + since
    into.push(new StoredRecord(records, baseOffset, delta, timestamp, keyBytes, keyEnd, valueBytes, valueEnd))
  }
}

/** A record whose bytes stay where they were read until they are asked for: most headers never are. */
class StoredRecord implements LogRecord {
  readonly timestamp: number
  readonly #records: Buffer
  readonly #baseOffset: bigint
  readonly #delta: number
  readonly #keyBytes: number
  readonly #keyEnd: number
  readonly #valueBytes: number
  readonly #valueEnd: number
  /** Kept once it was asked for: whoever decodes a value asks for it more than once. */
  #value: Buffer | null | undefined

  constructor(
    records: Buffer,
    baseOffset: bigint,
    delta: number,
    timestamp: number,
    keyBytes: number,
    keyEnd: number,
    valueBytes: number,
    valueEnd: number,
  ) {
    this.timestamp = timestamp
    this.#records = records
    this.#baseOffset = baseOffset
    this.#delta = delta
    this.#keyBytes = keyBytes
    this.#keyEnd = keyEnd
    this.#valueBytes = valueBytes
    this.#valueEnd = valueEnd
  }

  get offset(): bigint {
    return this.#baseOffset + BigInt(this.#delta)
  }

  get key(): Buffer | null {
    return this.#keyBytes < 0 ? null : this.#records.subarray(this.#keyEnd - this.#keyBytes, this.#keyEnd)
  }

  get value(): Buffer | null {
    if (this.#value === undefined) {
      const start = this.#valueEnd - this.#valueBytes
      this.#value = this.#valueBytes < 0 ? null : this.#records.subarray(start, this.#valueEnd)
    }
    return this.#value
  }

  get headers(): Readonly<Record<string, Buffer | null>> {
    const cursor = new Cursor(this.#records, this.#valueEnd)
    // Without a prototype: a header may be named `__proto__`.
    const headers: Record<string, Buffer | null> = Object.create(null)
    for (let left = cursor.varint(); left > 0; left--) {
      const name = cursor.bytes()?.toString('utf8') ?? ''
      headers[name] = cursor.bytes()
    }
    return headers
  }
}

/** Reads zig-zag varints and length-prefixed bytes. */
class Cursor {
  readonly #bytes: Buffer
  at: number

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  varint(): number {
    let value = 0
    let shift = 0
    let byte: number
    do {
      byte = this.#next()
      value |= (byte & 0x7f) << shift
      shift += 7
    } while (byte & 0x80)
    return (value >>> 1) ^ -(value & 1)
  }

  /** Exact up to 2^53, which spans all timestamps. */
  varlong(): number {
    let value = 0
    let factor = 1
    let byte: number
    do {
      byte = this.#next()
      value += (byte & 0x7f) * factor
      factor *= 128
    } while (byte & 0x80)
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  /** @returns the length of what it moved behind; negative for null. */
  skip(): number {
    const length = this.varint()
    if (length > 0) this.at += length
    return length
  }

  bytes(): Buffer | null {
    const length = this.skip()
    if (this.at > this.#bytes.length) throw endsBeyond()
    return length < 0 ? null : this.#bytes.subarray(this.at - length, this.at)
  }

  #next(): number {
    const byte = this.#bytes[this.at++]
    if (byte === undefined) throw endsBeyond()
    return byte
  }
}

const endsBeyond = () => new Fault('RECORD_BATCH_CORRUPT', 'A record ends beyond its batch')
