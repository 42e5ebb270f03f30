import { gzipSync, zstdCompressSync } from 'node:zlib'
import { crc32c } from '@node-rs/crc32'
import { describe, expect, test } from 'vitest'
import { openRecordSet } from './record-batch.ts'

interface GivenRecord {
  readonly key?: string | null
  readonly value?: string | null
  readonly headers?: readonly (readonly [string, string | null])[]
}

interface GivenBatch {
  readonly at: bigint
  readonly records?: readonly GivenRecord[]
  /** Set when compaction removed records at the end. */
  readonly lastOffsetDelta?: number
  readonly producerId?: bigint
  readonly compression?: 'gzip' | 'zstd' | 'snappy'
  readonly marker?: 'abort' | 'commit'
}

const COMPRESSIONS = { gzip: 1, snappy: 2, zstd: 4 }
const TRANSACTIONAL = 0b1_0000
const CONTROL = 0b10_0000
const TIMESTAMP = 1_790_000_000_000

const varint = (value: number): Buffer => {
  const bytes: number[] = []
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Buffer.from([...bytes, rest])
}

const sized = (text: Buffer | string | null | undefined): Buffer => {
  if (text === null || text === undefined) return varint(-1)
  const bytes = Buffer.from(text)
  return Buffer.concat([varint(bytes.length), bytes])
}

function recordBytes(
  { key, value, headers = [] }: GivenRecord | { key: Buffer; value: Buffer; headers?: [] },
  delta: number,
) {
  const body = Buffer.concat([
    Buffer.from([0]),
    varint(delta * 10),
    varint(delta),
    sized(key),
    sized(value),
    varint(headers.length),
    ...headers.flatMap(([name, text]) => [sized(name), sized(text)]),
  ])
  return Buffer.concat([varint(body.length), body])
}

/** One batch as the broker stores it. Source: Kafka protocol guide, "Record Batch". */
function batch({ at, records = [], lastOffsetDelta, producerId, compression, marker }: GivenBatch): Buffer {
  const listed = marker
    ? [recordBytes({ key: Buffer.from([0, 0, 0, marker === 'commit' ? 1 : 0]), value: Buffer.alloc(6) }, 0)]
    : records.map(recordBytes)
  const plain = Buffer.concat(listed)
  const compress = { gzip: gzipSync, zstd: zstdCompressSync, snappy: (b: Buffer) => b }
  const body = compression ? compress[compression](plain) : plain
  const head = Buffer.alloc(61)
  head.writeBigInt64BE(at, 0)
  head.writeInt32BE(61 - 12 + body.length, 8)
  head[16] = 2
  const attributes =
    (compression ? COMPRESSIONS[compression] : 0) |
    (producerId === undefined ? 0 : TRANSACTIONAL) |
    (marker ? CONTROL : 0)
  head.writeInt16BE(attributes, 21)
  head.writeInt32BE(lastOffsetDelta ?? Math.max(listed.length - 1, 0), 23)
  head.writeBigInt64BE(BigInt(TIMESTAMP), 27)
  head.writeBigInt64BE(BigInt(TIMESTAMP + 1_000), 35)
  head.writeBigInt64BE(producerId ?? -1n, 43)
  head.writeInt32BE(listed.length, 57)
  const whole = Buffer.concat([head, body])
  whole.writeUInt32BE(crc32c(whole.subarray(21)), 17)
  return whole
}

/** What a reader gets at once. */
function decodeRecordSet(...given: Parameters<typeof openRecordSet>) {
  const opened = openRecordSet(...given)
  return { nextOffset: opened.nextOffset, records: opened.records() }
}

const offsetsOf = (batches: readonly Buffer[], from: bigint, aborted: readonly [bigint, bigint][]) =>
  decodeRecordSet(
    Buffer.concat(batches),
    from,
    aborted.map(([producerId, firstOffset]) => ({ producerId, firstOffset })),
  ).records.map((r) => r.offset)

const one = [{ value: 'v' }]

describe('records', () => {
  const records: GivenRecord[] = [
    {
      key: 'k',
      value: 'v',
      headers: [
        ['code', 'A'],
        ['empty', null],
      ],
    },
    { key: null, value: 'without a key' },
    { key: 'deleted', value: null },
  ]

  test.each([undefined, 'gzip', 'zstd'] as const)(
    '%s batch: keys, tombstones, headers, times',
    (compression) => {
      const decoded = decodeRecordSet(batch({ at: 7n, records, ...(compression && { compression }) }), 7n, [])
      expect(decoded.nextOffset).toBe(10n)
      expect(
        decoded.records.map((r) => [
          r.offset,
          r.timestamp,
          r.key?.toString() ?? null,
          r.value?.toString() ?? null,
        ]),
      ).toEqual([
        [7n, TIMESTAMP, 'k', 'v'],
        [8n, TIMESTAMP + 10, null, 'without a key'],
        [9n, TIMESTAMP + 20, 'deleted', null],
      ])
      expect(decoded.records[0]?.headers).toEqual({ code: Buffer.from('A'), empty: null })
    },
  )

  test('records before the asked offset are left out: the broker sends whole batches', () => {
    expect(offsetsOf([batch({ at: 7n, records })], 9n, [])).toEqual([9n])
  })

  test('a batch cut at the size limit is left for the next fetch', () => {
    const [whole, cut] = [batch({ at: 0n, records }), batch({ at: 3n, records })]
    const bytes = Buffer.concat([whole, cut.subarray(0, cut.length - 1)])
    expect(decodeRecordSet(bytes, 0n, [])).toMatchObject({ nextOffset: 3n, records: { length: 3 } })
    expect(decodeRecordSet(cut.subarray(0, 70), 3n, [])).toEqual({ nextOffset: null, records: [] })
  })

  test('a batch of 200,000 records is read: stock kafkajs overflows the stack', () => {
    const huge = batch({ at: 0n, records: Array.from({ length: 200_000 }, () => ({ value: 'v' })) })
    expect(decodeRecordSet(huge, 0n, []).records).toHaveLength(200_000)
  })

  test('the position moves behind a batch that compaction shortened or emptied', () => {
    const shortened = batch({ at: 0n, records: one, lastOffsetDelta: 4 })
    const emptied = batch({ at: 5n, lastOffsetDelta: 9 })
    expect(decodeRecordSet(Buffer.concat([shortened, emptied]), 0n, []).nextOffset).toBe(15n)
  })
})

describe('what cannot be read stops', () => {
  test('a flipped bit fails the checksum', () => {
    const broken = batch({ at: 3n, records: one })
    broken[broken.length - 1] = (broken.at(-1) as number) ^ 1
    expect(() => decodeRecordSet(broken, 3n, [])).toThrow(
      expect.objectContaining({ code: 'RECORD_BATCH_CORRUPT', message: expect.stringContaining('offset 3') }),
    )
  })

  test('a compression that is not built in is named', () => {
    expect(() => decodeRecordSet(batch({ at: 0n, records: one, compression: 'snappy' }), 0n, [])).toThrow(
      expect.objectContaining({
        code: 'COMPRESSION_UNSUPPORTED',
        message: expect.stringContaining('type 2'),
      }),
    )
  })

  test('a record longer than its batch is corrupt, though the checksum fits', () => {
    const short = batch({ at: 0n, records: one })
    short[66] = 0x7e
    short.writeUInt32BE(crc32c(short.subarray(21)), 17)
    expect(() => decodeRecordSet(short, 0n, [])).toThrow(
      expect.objectContaining({ code: 'RECORD_BATCH_CORRUPT' }),
    )
  })
})

describe('I3: aborted records are never delivered', () => {
  test('interleaved aborts of two producers, listed by their end', () => {
    const log = [
      batch({ at: 0n, records: one, producerId: 1n }),
      batch({ at: 1n, records: one, producerId: 2n }),
      batch({ at: 2n, producerId: 2n, marker: 'abort' }),
      batch({ at: 3n, records: one, producerId: 1n }),
      batch({ at: 4n, producerId: 1n, marker: 'abort' }),
      batch({ at: 5n, records: one, producerId: 1n }),
      batch({ at: 6n, producerId: 1n, marker: 'commit' }),
    ]
    expect(
      offsetsOf(log, 0n, [
        [2n, 1n],
        [1n, 0n],
      ]),
    ).toEqual([5n])
  })

  test('a fetch that starts inside two aborted transactions', () => {
    const log = [
      batch({ at: 20n, records: one, producerId: 2n }),
      batch({ at: 21n, records: one, producerId: 1n }),
      batch({ at: 22n, producerId: 1n, marker: 'abort' }),
      batch({ at: 23n, producerId: 2n, marker: 'abort' }),
      batch({ at: 24n, records: one, producerId: 2n }),
    ]
    expect(
      offsetsOf(log, 20n, [
        [1n, 3n],
        [2n, 5n],
      ]),
    ).toEqual([24n])
  })

  test('a data key of four zero bytes is no abort marker', () => {
    const log = [
      batch({ at: 0n, records: [{ key: '\0\0\0\0', value: 'v' }], producerId: 1n }),
      batch({ at: 1n, records: one, producerId: 1n }),
      batch({ at: 2n, producerId: 1n, marker: 'abort' }),
    ]
    expect(offsetsOf(log, 0n, [[1n, 0n]])).toEqual([])
  })

  test('two aborts of one producer with a commit between them', () => {
    const log = [
      batch({ at: 0n, records: one, producerId: 1n }),
      batch({ at: 1n, producerId: 1n, marker: 'abort' }),
      batch({ at: 2n, records: one, producerId: 1n }),
      batch({ at: 3n, producerId: 1n, marker: 'commit' }),
      batch({ at: 4n, records: one, producerId: 1n }),
      batch({ at: 5n, producerId: 1n, marker: 'abort' }),
    ]
    expect(
      offsetsOf(log, 0n, [
        [1n, 0n],
        [1n, 4n],
      ]),
    ).toEqual([2n])
  })
})
