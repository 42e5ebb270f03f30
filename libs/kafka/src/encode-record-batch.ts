import { crc32c } from '@node-rs/crc32'
import type * as kafkajs from 'kafkajs'
import { type BatchBody, EncodedRecords } from './encoded-records.ts'
import { PlainHeaders } from './headers.ts'
import { giveBack, takeWriter } from './idle-writers.ts'
import {
  ATTRIBUTES_AT,
  BASE_SEQUENCE_AT,
  BASE_TIMESTAMP_AT,
  COMPRESSION_BITS,
  COUNT_AT,
  CRC_AT,
  LAST_OFFSET_DELTA_AT,
  LENGTH_AT,
  LENGTH_FROM,
  MAGIC,
  MAGIC_AT,
  MAX_TIMESTAMP_AT,
  PRODUCER_EPOCH_AT,
  PRODUCER_ID_AT,
  RECORDS_AT,
  TRANSACTIONAL_BIT,
} from './record-batch-layout.ts'

/** What a batch says of its producer, and how its records are compressed. */
export interface BatchOptions {
  /** Number of the compression, as in the attributes. */
  readonly compression: number
  readonly compress: ((records: Buffer) => Promise<Buffer>) | null
  readonly transactional: boolean
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly firstSequence: number
  /** Time of records that have none, in milliseconds. */
  readonly now: number
}

/**
 * Encodes messages into one record batch, byte for byte as kafkajs does, in one pass; or puts a head before records that were
 * encoded as they came.
 *
 * @returns the head and the records, one behind the other.
 */
export async function encodeRecordBatch(
  messages: readonly kafkajs.Message[] | EncodedRecords,
  options: BatchOptions,
): Promise<[head: Buffer, records: Buffer]> {
  const encoded: BatchBody =
    messages instanceof EncodedRecords ? messages : encodeMessages(messages, options.now)
  const { compression, compress } = options
  const records = await (compress ?? copy)(encoded.bytes)

  const head = Buffer.alloc(RECORDS_AT)
  head.writeInt32BE(RECORDS_AT - LENGTH_FROM + records.length, LENGTH_AT)
  head[MAGIC_AT] = MAGIC
  const transactional = options.transactional ? TRANSACTIONAL_BIT : 0
  head.writeInt16BE((compression & COMPRESSION_BITS) | transactional, ATTRIBUTES_AT)
  head.writeInt32BE(encoded.length - 1, LAST_OFFSET_DELTA_AT)
  head.writeBigInt64BE(BigInt(encoded.firstTimestamp), BASE_TIMESTAMP_AT)
  head.writeBigInt64BE(BigInt(encoded.maxTimestamp), MAX_TIMESTAMP_AT)
  head.writeBigInt64BE(options.producerId, PRODUCER_ID_AT)
  head.writeInt16BE(options.producerEpoch, PRODUCER_EPOCH_AT)
  head.writeInt32BE(options.firstSequence, BASE_SEQUENCE_AT)
  head.writeInt32BE(encoded.length, COUNT_AT)
  head.writeUInt32BE(crc32c(records, crc32c(head.subarray(ATTRIBUTES_AT))), CRC_AT)
  if (encoded !== messages) encoded.release()
  return [head, records]
}

const copy = (bytes: Buffer): Buffer => Buffer.from(bytes)

function encodeMessages(messages: readonly kafkajs.Message[], now: number): BatchBody {
  const writer = takeWriter()
  const [first, last] = timestampRange(messages, now)
  const firstTimestamp = Number(first)
  for (let i = 0; i < messages.length; i++) {
    const { timestamp, key, value, headers } = messages[i] as kafkajs.Message
    const start = writer.open()
    writer.byte(0)
    writer.varlong(Number(timestamp || now) - firstTimestamp)
    writer.varint(i)
    writer.sized(key)
    writer.sized(value)
    const plain = headers ? new PlainHeaders(headers) : null
    writer.varint(plain?.count ?? 0)
    plain?.write(writer)
    writer.close(start)
  }
  return {
    bytes: writer.bytes,
    length: messages.length,
    firstTimestamp,
    maxTimestamp: Number(last),
    release: () => giveBack(writer),
  }
}

/** First and last timestamp, compared as text like kafkajs: right for times of the same number of digits. */
function timestampRange(
  messages: readonly kafkajs.Message[],
  now: number,
): [string | number, string | number] {
  let first: string | undefined
  let last: string | undefined
  for (const { timestamp } of messages) {
    if (timestamp === null || timestamp === undefined) continue
    const text = String(timestamp)
    if (first === undefined || text < first) first = text
    if (last === undefined || text > last) last = text
  }
  return [first ?? now, last ?? now]
}
