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

/** What a record set yields to a read_committed reader. */
export interface DecodedRecords {
  readonly records: LogRecord[]
  /** Offset to fetch next: behind the last batch, also where compaction emptied it. Null when nothing was whole. */
  readonly nextOffset: bigint | null
}

const ABORT_MARKER = 0

const decompressions: Readonly<Record<number, (bytes: Buffer) => Buffer>> = {
  0: (bytes) => bytes,
  1: (bytes) => gunzipSync(bytes),
  4: (bytes) => zstdDecompressSync(bytes),
}

/**
 * Decodes a fetched record set for a read_committed reader that asked for `fetchOffset`.
 *
 * Control records and records of aborted transactions are left out; each batch's CRC32C is checked.
 *
 * @throws Fault `RECORD_BATCH_CORRUPT` or `COMPRESSION_UNSUPPORTED`: not retryable, the log must be looked at.
 */
export function decodeRecordSet(
  bytes: Buffer,
  fetchOffset: bigint,
  abortedTransactions: readonly AbortedTransaction[],
): DecodedRecords {
  // The broker lists aborted transactions by their end; they are entered by their start.
  const starting = [...abortedTransactions].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1))
  const aborting = new Set<bigint>()
  const records: LogRecord[] = []
  let nextOffset: bigint | null = null
  let entered = 0

  for (let at = 0; at + RECORDS_AT <= bytes.length; ) {
    const end = at + LENGTH_FROM + bytes.readInt32BE(at + LENGTH_AT)
    if (end > bytes.length) break // the broker cuts the last batch at the size limit
    const batch = bytes.subarray(at, end)
    at = end
    verify(batch)

    const baseOffset = batch.readBigInt64BE(0)
    const lastOffset = baseOffset + BigInt(batch.readInt32BE(LAST_OFFSET_DELTA_AT))
    const attributes = batch.readInt16BE(ATTRIBUTES_AT)
    const producerId = batch.readBigInt64BE(PRODUCER_ID_AT)
    nextOffset = lastOffset + 1n

    for (let t = starting[entered]; t && t.firstOffset <= lastOffset; t = starting[++entered]) {
      aborting.add(t.producerId)
    }
    if (attributes & CONTROL_BIT) {
      if (markerType(batch) === ABORT_MARKER) aborting.delete(producerId)
    } else if (!(attributes & TRANSACTIONAL_BIT && aborting.has(producerId))) {
      readRecords(batch, attributes, baseOffset, fetchOffset, records)
    }
  }
  return { records, nextOffset }
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

function readRecords(
  batch: Buffer,
  attributes: number,
  baseOffset: bigint,
  fetchOffset: bigint,
  into: LogRecord[],
): void {
  const baseTimestamp = Number(batch.readBigInt64BE(BASE_TIMESTAMP_AT))
  const appendTime = attributes & LOG_APPEND_TIME_BIT ? Number(batch.readBigInt64BE(MAX_TIMESTAMP_AT)) : null
  const records = decompress(batch.subarray(RECORDS_AT), attributes & COMPRESSION_BITS, baseOffset)
  const cursor = new Cursor(records, 0)
  for (let left = batch.readInt32BE(COUNT_AT); left > 0; left--) {
    const end = cursor.varint() + cursor.at
    cursor.at += 1
    const timestamp = appendTime ?? baseTimestamp + cursor.varlong()
    if (appendTime !== null) cursor.varlong()
    const offset = baseOffset + BigInt(cursor.varint())
    const key = cursor.bytes()
    const value = cursor.bytes()
    const headers: Record<string, Buffer | null> = {}
    for (let h = cursor.varint(); h > 0; h--) {
      const name = cursor.bytes()?.toString('utf8') ?? ''
      headers[name] = cursor.bytes()
    }
    cursor.at = end
    if (offset >= fetchOffset) into.push({ offset, timestamp, key, value, headers })
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

  bytes(): Buffer | null {
    const length = this.varint()
    if (length < 0) return null
    const start = this.at
    this.at += length
    if (this.at > this.#bytes.length) throw endsBeyond()
    return this.#bytes.subarray(start, this.at)
  }

  #next(): number {
    const byte = this.#bytes[this.at++]
    if (byte === undefined) throw endsBeyond()
    return byte
  }
}

const endsBeyond = () => new Fault('RECORD_BATCH_CORRUPT', 'A record ends beyond its batch')
