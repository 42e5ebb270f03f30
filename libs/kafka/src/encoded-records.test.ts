import { crc32c } from '@node-rs/crc32'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeRecordBatch } from './encode-record-batch.ts'
import { EncodedRecords } from './encoded-records.ts'
import { EventHeaders, FixedHeaders, PlainHeaders } from './headers.ts'
import { openRecordSet } from './record-batch.ts'

const options = {
  compression: 0,
  compress: null,
  transactional: false,
  producerId: 7n,
  producerEpoch: 1,
  firstSequence: 3,
  now: 0,
}
const data = fc.option(fc.uint8Array({ maxLength: 9_000 }).map((bytes) => Buffer.from(bytes)))
const record = fc.record({
  key: data,
  value: data,
  timestamp: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  headers: fc.dictionary(fc.string(), fc.string({ unit: 'binary' }), { maxKeys: 4 }),
})

test('records come back as they were added, whatever their sizes and times', () =>
  fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 12 }), async (records) => {
      const encoded = new EncodedRecords()
      for (const one of records) encoded.add({ ...one, headers: new PlainHeaders(one.headers) })
      const batch = Buffer.concat(await encodeRecordBatch(encoded, options))
      const read = openRecordSet(batch, 0n, []).records()
      expect(
        read.map(({ key, value, timestamp, headers }) => ({
          key,
          value,
          timestamp,
          headers: texts(headers),
        })),
      ).toEqual(records.map((one) => ({ ...one, headers: { ...one.headers } })))
      encoded.release()
    }),
    {
      numRuns: 300,
      examples: [[[{ key: null, value: null, timestamp: 0, headers: JSON.parse('{"__proto__":"a text"}') }]]],
    },
  ))

test('an event says what CloudEvents asks for, its kind and its own headers', async () => {
  const encoded = new EncodedRecords()
  const fixed = new FixedHeaders({ ce_specversion: '1.0', ce_source: '/backhaul/reconciler' })
  const event = { id: 'é-1', subject: 'return-1', timestamp: 1_785_542_400_123, more: { 'replay-id': 'r' } }
  const headers = new EventHeaders(fixed, event)
  encoded.add({ timestamp: 1, key: 'k', value: null, headers })
  const batch = Buffer.concat(await encodeRecordBatch(encoded, options))
  const [read] = openRecordSet(batch, 0n, []).records()
  expect(texts(read?.headers ?? {})).toEqual({
    ce_specversion: '1.0',
    ce_source: '/backhaul/reconciler',
    ce_id: 'é-1',
    ce_subject: 'return-1',
    ce_time: '2026-08-01T00:00:00.123Z',
    'replay-id': 'r',
  })
  expect(batch.length).toBeLessThan(61 + 31 + headers.mostBytes)
  expect(crc32c(batch.subarray(21))).toBe(batch.readUInt32BE(17))
})

const texts = (headers: Readonly<Record<string, Buffer | null>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
