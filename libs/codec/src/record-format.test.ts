import { type AvroRecord, newestOf, type RecordName, recordNames } from '@backhaul/schemas'
import avro from 'avsc'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newestType } from './avro-types.ts'
import { formatOf } from './record-format.ts'

const record = (type: AvroRecord['fields'][0]['type']): AvroRecord => ({
  type: 'record',
  name: 'R',
  fields: [{ name: 'of', type }],
})

/** Values of our records, made by avsc, dates and unions of them among them. */
const randomOf = (name: RecordName): Record<string, unknown> => {
  const type = newestType(name)
  return JSON.parse(JSON.stringify(type.random()), (_, value) =>
    value?.type === 'Buffer' ? Buffer.from(value.data) : value,
  )
}

const write = (schema: AvroRecord, value: unknown): Buffer => {
  const bytes = Buffer.alloc(100_000)
  return bytes.subarray(0, formatOf(schema).write(value, bytes, 0))
}

test.each(recordNames)('%s is written as avsc writes it, and comes back as it was', (name) => {
  const format = formatOf(newestOf(name))
  const bytes = Buffer.alloc(1_000_000)
  for (let n = 0; n < 200; n++) {
    const value = randomOf(name)
    const expected = newestType(name).toBuffer(value)
    const end = format.write(value, bytes, 0)
    expect(bytes.subarray(0, end)).toEqual(expected)
    expect(format.read(expected, 0)).toEqual({ value, end })
  }
})

test('texts of any length and script are written as Avro has them, and come back as they were', () => {
  const schema = record({ type: 'array', items: 'string' })
  const stock = avro.Type.forSchema(schema as avro.Schema)
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 140 })), (texts) => {
      const bytes = stock.toBuffer({ of: texts })
      expect(write(schema, { of: texts })).toEqual(bytes)
      expect(formatOf(schema).read(bytes, 0).value).toEqual({ of: texts })
    }),
    { numRuns: 500 },
  )
})

test('whole numbers are written as Avro has them, and come back as they were', () => {
  const schema = record('long')
  const limits = [2 ** 30, 2 ** 31, 2 ** 35, 2 ** 52, 2 ** 53 - 1].flatMap((n) => [n - 1, n, -n, 1 - n])
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.constantFrom(0, -1, ...limits)), (of) => {
      const bytes = varint(of)
      expect(write(schema, { of })).toEqual(bytes)
      expect(formatOf(schema).read(bytes, 0)).toEqual({ value: { of }, end: bytes.length })
    }),
    { numRuns: 1_000 },
  )
  expect(() => formatOf(schema).read(Buffer.alloc(9, 0xff), 0)).toThrow('not safe')
})

test('lists and maps in several blocks, with and without their sizes, are read', () => {
  // Two items; one item behind the size of its block; the end.
  const list = Buffer.from([4, 2, 4, 1, 2, 6, 0])
  expect(formatOf(record({ type: 'array', items: 'int' })).read(list, 0)).toEqual({
    value: { of: [1, 2, 3] },
    end: 7,
  })
  const map = Buffer.from([2, 2, 97, 2, 1, 6, 2, 98, 4, 0])
  expect(formatOf(record({ type: 'map', values: 'int' })).read(map, 0)).toEqual({
    value: { of: { a: 1, b: 2 } },
    end: 10,
  })
})

test('a missing field is written as its default', () => {
  const schema = newestOf('AmazonReturnRow')
  const type = newestType('AmazonReturnRow')
  const { source, flags, extra, vat, ...rest } = randomOf('AmazonReturnRow')
  expect(write(schema, rest)).toEqual(type.toBuffer(rest))
})

test.each([
  ['string', 5],
  ['int', 2 ** 31],
  ['int', '5'],
  ['long', 2 ** 60],
  ['long', null],
  ['boolean', 'true'],
  ['bytes', 'text'],
  [{ type: 'int', logicalType: 'date' }, 'tomorrow'],
  [['null', 'string'], undefined],
  [{ type: 'array', items: 'int' }, { length: 1 }],
  [{ type: 'map', values: 'int' }, [1]],
] as const)('no %j is made of %j', (type, of) => {
  expect(() => write(record(type), { of })).toThrow()
})

test.each(recordNames)('a %s cut anywhere has no end or is refused, and is never made up', (name) => {
  const format = formatOf(newestOf(name))
  const whole = newestType(name).toBuffer(randomOf(name))
  for (let length = 0; length < whole.length; length++) {
    const cut = whole.subarray(0, length)
    let end = -1
    try {
      end = format.read(cut, 0).end
    } catch {
      // Refused.
    }
    expect(end).toBe(-1)
  }
})

test('bytes that are nothing end: a length, a count or a branch out of range is refused', () => {
  fc.assert(
    fc.property(fc.constantFrom(...recordNames), fc.uint8Array({ maxLength: 200 }), (name, bytes) => {
      const type = newestType(name)
      const offset = tryTo(() => type.decode(Buffer.from(bytes), 0).offset, -1)
      const end = tryTo(() => formatOf(newestOf(name)).read(Buffer.from(bytes), 0).end, -1)
      expect(end === bytes.length).toBe(offset === bytes.length)
    }),
    { numRuns: 300 },
  )
  expect(formatOf(record('string')).read(Buffer.from([3, 65]), 0).end).toBe(-1)
  expect(() => formatOf(record(['null', 'string'])).read(Buffer.from([4, 0]), 0)).toThrow('no branch 2')
})

test('bytes too few for a value are told, and nothing is written beyond them', () => {
  const format = formatOf(record('string'))
  expect(format.write({ of: 'abcdef' }, Buffer.alloc(4), 0)).toBeGreaterThan(4)
  expect(format.write({ of: 'ä'.repeat(200) }, Buffer.alloc(4), 0)).toBeGreaterThan(4)
})

/** Avro's long, by its definition. avsc rounds above 2^52. */
function varint(long: number): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, (BigInt(long) << 1n) ^ (BigInt(long) >> 63n))
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}

function tryTo<T>(call: () => T, otherwise: T): T {
  try {
    return call()
  } catch {
    return otherwise
  }
}
