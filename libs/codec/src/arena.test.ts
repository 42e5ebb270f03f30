import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
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

test('cleared, it begins anew in the memory that it has', () => {
  const arena = new Arena(64)
  const fill = () => [100_000, 200_000, 50_000].map((bytes) => arena.take(bytes).buffer)
  const before = fill()
  arena.clear()
  expect(fill().map((memory, n) => memory === before[n])).toEqual([true, true, true])
})

test('cleared, it keeps no more than 16 MiB, and no chunk that is too small for what comes', () => {
  const arena = new Arena(64)
  const fill = () => Array.from({ length: 70 }, () => arena.take(200_000).buffer)
  const before = new Set(fill())
  arena.clear()
  expect(fill().filter((memory) => before.has(memory))).toHaveLength(64)
  arena.clear()
  expect(arena.take(300_000).length).toBe(300_000)
  expect(arena.take(10).buffer).not.toBe(arena.take(262_144).buffer)
})

test('one that keeps nothing holds no chunk but the one that it fills', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const arena = new Arena()
  const chunks = Array.from({ length: 5 }, () => new WeakRef(arena.take(200_000).buffer))
  await vi.waitFor(() => {
    collectGarbage()
    expect(chunks.map((chunk) => chunk.deref() === undefined)).toEqual([true, true, true, true, false])
  })
})
