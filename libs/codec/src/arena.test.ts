import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Arena } from './arena.ts'
import { formatOf } from './record-format.ts'

const format = formatOf({ type: 'record', name: 'R', fields: [{ name: 'text', type: 'string' }] })
const header = Buffer.from([0, 0, 0, 0, 7])
const written = (value: object): Buffer => {
  const bytes = Buffer.alloc(400_000)
  return bytes.subarray(0, format.write(value, bytes, 0))
}

test('values of any size stand whole behind their header, and stay as they are', () =>
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.nat(300), fc.constantFrom(100_000, 262_000, 262_144, 300_000)), { maxLength: 8 }),
      (sizes) => {
        const arena = new Arena()
        const values = sizes.map((size, n) => ({ text: String(n).padStart(size, 'x') }))
        const encoded = values.map((value) => arena.encode(header, format, value))
        const expected = values.map((value) => Buffer.concat([header, written(value)]))
        expect(encoded.map((bytes, n) => bytes.equals(expected[n] as Buffer))).toEqual(values.map(() => true))
      },
    ),
    { numRuns: 15 },
  ))

test('a value that does not fit its type leaves no trace', () => {
  const arena = new Arena()
  const before = arena.encode(header, format, { text: 'before' })
  const copy = Buffer.from(before)
  expect(() => arena.encode(header, format, { text: 5 })).toThrow()
  const after = arena.encode(header, format, { text: 'after' })
  expect(before).toEqual(copy)
  expect(format.read(after, 5).value).toEqual({ text: 'after' })
})
