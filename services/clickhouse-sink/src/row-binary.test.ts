import { expect, test } from 'vitest'
import {
  bool,
  type ColumnType,
  code,
  counts,
  date,
  instant,
  int32,
  int64,
  list,
  nullable,
  RowWriter,
  text,
  uint64,
} from './row-binary.ts'

function bytesOf<V>(type: ColumnType<V>, value: V): string {
  const writer = new RowWriter()
  type.write(writer, value)
  return writer.bytes.toString('hex')
}

test.each([
  ['text', bytesOf(text, 'é'), '02c3a9'],
  ['blank text', bytesOf(text, ''), '00'],
  ['Bool', bytesOf(bool, true), '01'],
  ['Int32', bytesOf(int32, -2), 'feffffff'],
  ['Int64', bytesOf(int64, -1), 'ffffffffffffffff'],
  ['UInt64 above 2^63', bytesOf(uint64, 2n ** 64n - 1n), 'ffffffffffffffff'],
  ['a day after 1970', bytesOf(date, '1970-01-11'), '0a000000'],
  ['B9: a day before 1970', bytesOf(date, '1969-12-31'), 'ffffffff'],
  ['an instant', bytesOf(instant, 256), '0001000000000000'],
  ['null', bytesOf(nullable(int32), null), '01'],
  ['not null', bytesOf(nullable(int32), 1), '0001000000'],
  ['a list', bytesOf(list(code), ['a', 'b']), '0201610162'],
  ['counts, sorted', bytesOf(counts, { b: 2, a: 1 }), '0201610100000000000000016202000000000000' + '00'],
])('%s', (_, written, expected) => {
  expect(written).toBe(expected)
})

test('lengths of 128 and more take more bytes, and the buffer grows', () => {
  const writer = new RowWriter()
  const long = 'x'.repeat(100_000)
  text.write(writer, long)
  expect(writer.bytes.subarray(0, 3).toString('hex')).toBe('a08d06')
  expect(writer.bytes.subarray(3).toString()).toBe(long)
})
