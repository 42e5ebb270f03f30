import { Fault } from '@backhaul/domain'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeyAtHand, MAX_KEY_BYTES } from './key-at-hand.ts'
import { StateTable } from './state-table.ts'

const KIB = 1024
const MIB = 1024 * KIB
const small = { limitBytes: MIB, slabBytes: KIB }

type Operation = ['put', key: string, value: Uint8Array] | ['delete', key: string]

const key = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map((n) => `order-${n}`),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
)
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constant('put'), key, fc.uint8Array({ maxLength: 300 })) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('delete'), key) },
) as fc.Arbitrary<Operation>

function apply(table: StateTable, model: Map<string, Buffer>, [kind, key, value]: Operation): void {
  if (kind === 'put') {
    table.put(key, value)
    model.set(key, Buffer.from(value))
  } else {
    table.delete(key)
    model.delete(key)
  }
}

const contentsOf = (table: StateTable) =>
  new Map([...table.entries()].map(([key, value]) => [key.toString(), Buffer.from(value)]))

const filled = (size: number, mark: number) => Buffer.alloc(size, mark)

function codeOf(work: () => void): unknown {
  try {
    work()
  } catch (error) {
    if (error instanceof Fault) return error.code
    throw error
  }
  return undefined
}

describe('S1: a table is a map', () => {
  test('S1: whatever is put and deleted, it gives what a Map gives', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 200, maxLength: 1500, size: 'max' }), (operations) => {
        const table = new StateTable(small)
        const model = new Map<string, Buffer>()
        for (const operation of operations) {
          apply(table, model, operation)
          expect(table.get(operation[1])).toEqual(model.get(operation[1]))
          expect(table.size).toBe(model.size)
        }
        expect(contentsOf(table)).toEqual(model)
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  test('S1: it grows to many keys, loses half of them, and knows the rest', () => {
    const count = 200_000
    const table = new StateTable({ limitBytes: 64 * MIB, slabBytes: MIB })
    for (let i = 0; i < count; i++) table.put(`order-${i}`, Buffer.from(String(i)))
    for (let i = 0; i < count; i += 2) table.delete(`order-${i}`)
    expect(table.size).toBe(count / 2)
    let wrong = 0
    for (let i = 0; i < count; i++) {
      const expected = i % 2 === 0 ? undefined : String(i)
      if (table.get(`order-${i}`)?.toString() !== expected) wrong += 1
    }
    expect(wrong).toBe(0)
  })

  test('S1: keys of one hash stay apart, also when the first of them is deleted', () => {
    const byHash = new Map<number, string>()
    const atHand = new KeyAtHand()
    let pair: [string, string] | undefined
    for (let i = 0; !pair; i++) {
      const key = `order-${i}`
      atHand.read(key)
      const other = byHash.get(atHand.hash)
      if (other !== undefined) pair = [other, key]
      byHash.set(atHand.hash, key)
    }
    const [first, second] = pair
    const table = new StateTable(small)
    table.put(first, filled(5, 1))
    expect(table.get(second)).toBeUndefined()
    table.put(second, filled(5, 2))
    expect(table.get(first)).toEqual(filled(5, 1))
    table.delete(first)
    expect(table.get(first)).toBeUndefined()
    expect(table.get(second)).toEqual(filled(5, 2))
  })

  test('S1: a text and its UTF-8 bytes are one key', () => {
    const table = new StateTable(small)
    for (const key of ['', 'order-1', 'Bestellung-ü', '注文', '\0']) {
      table.put(key, filled(3, 7))
      expect(table.get(Buffer.from(key))).toEqual(filled(3, 7))
      table.delete(Buffer.from(key))
      expect(table.get(key)).toBeUndefined()
    }
  })
})

test('S2: a value handed out never changes, whatever the table does later', () => {
  const table = new StateTable(small)
  table.put('kept', filled(100, 42))
  const held = table.get('kept')
  for (let i = 0; i < 1000; i++) table.put('kept', filled(100, i % 40))
  expect(held).toEqual(filled(100, 42))
})

describe('S3: memory is bounded', () => {
  test('S3: updates without end need no more memory than the dead share allows', () => {
    const table = new StateTable({ limitBytes: 8 * MIB, slabBytes: 16 * KIB })
    const keys = 2000
    let most = 0
    let shareBefore = 0
    for (let i = 0; i < 100_000; i++) {
      table.put(`order-${(i * 7919) % keys}`, filled(200, i % 251))
      if (i === keys) shareBefore = table.deadShare
      if (i >= keys) most = Math.max(most, table.deadShare)
    }
    expect(shareBefore).toBeLessThan(0.01)
    expect(most).toBeGreaterThan(0.3)
    expect(most).toBeLessThan(0.5)
    expect(table.memoryBytes).toBeLessThan(2.2 * keys * 232)
  })

  test('S3: the cleaner keeps up also when all dead records stand behind all living ones', () => {
    const table = new StateTable({ limitBytes: 8 * MIB, slabBytes: 16 * KIB })
    for (let i = 0; i < 4000; i++) table.put(`cold-${i}`, filled(200, 1))
    let most = 0
    for (let i = 0; i < 100_000; i++) {
      table.put(`hot-${i % 10}`, filled(200, i % 251))
      most = Math.max(most, table.deadShare)
    }
    expect(most).toBeLessThan(0.6)
    expect(table.size).toBe(4010)
    expect(table.get('cold-0')).toEqual(filled(200, 1))
  })

  test('S3: keys that come and go leave nothing behind', () => {
    const table = new StateTable({ limitBytes: 8 * MIB, slabBytes: 16 * KIB })
    for (let i = 0; i < 100_000; i++) {
      table.put(`order-${i}`, filled(100, 1))
      if (i >= 10) table.delete(`order-${i - 10}`)
    }
    expect(table.size).toBe(10)
    expect(table.memoryBytes).toBeLessThan(200 * KIB)
  })

  test('S3: at its limit a table stops with the numbers, within the limit, and what it had is still there', () => {
    const limitBytes = 256 * KIB
    const table = new StateTable({ limitBytes, slabBytes: 16 * KIB })
    let stored = 0
    const fill = () => {
      for (;;) {
        table.put(`order-${stored}`, filled(200, 1))
        stored += 1
        if (table.memoryBytes > limitBytes) throw new Error('over the limit')
      }
    }
    expect(fill).toThrow(
      expect.objectContaining({
        code: 'STATE_TOO_LARGE',
        retryable: false,
        message: expect.stringMatching(
          /^The state of \d+ keys takes \d+ bytes.*limit of 262144.*Raise the limit/,
        ),
        details: expect.objectContaining({ limitBytes, size: expect.any(Number) }),
      }),
    )
    expect(stored).toBeGreaterThan(700)
    expect(table.size).toBe(stored)
    expect(table.get(`order-${stored}`)).toBeUndefined()
    expect(table.get(`order-${stored - 1}`)).toEqual(filled(200, 1))
    expect(codeOf(() => table.delete('order-0'))).toBe('STATE_TOO_LARGE')
    expect(table.get('order-0')).toEqual(filled(200, 1))
  })

  test('S3: near its limit a table cleans more rather than stop, and never goes over it', () => {
    const limitBytes = 256 * KIB
    const table = new StateTable({ limitBytes, slabBytes: 4 * KIB })
    const model = new Map<string, Buffer>()
    for (let i = 0; i < 50_000; i++) {
      apply(table, model, ['put', `order-${(i * 7919) % 700}`, filled(200, i % 251)])
      if (table.memoryBytes > limitBytes) throw new Error(`over the limit at ${i}`)
    }
    expect(contentsOf(table)).toEqual(model)
  })

  test('S3: no run of small and large records takes a table over its limit, even when one write begins two slabs', () => {
    const sizes = fc.array(fc.tuple(fc.nat(11), fc.oneof(fc.nat(500), fc.nat(4000))), {
      minLength: 100,
      maxLength: 400,
      size: 'max',
    })
    fc.assert(
      fc.property(sizes, fc.integer({ min: 24 * KIB, max: 64 * KIB }), (writes, limitBytes) => {
        const table = new StateTable({ limitBytes, slabBytes: 4 * KIB })
        const full = codeOf(() => {
          for (const [key, size] of writes) {
            table.put(`order-${key}`, filled(size, 1))
            expect(table.memoryBytes).toBeLessThanOrEqual(limitBytes)
          }
        })
        expect([undefined, 'STATE_TOO_LARGE']).toContain(full)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('S8: what a table cannot hold is refused, and changes nothing', () => {
  const table = new StateTable(small)
  test.each<[string, string | Uint8Array, Uint8Array, string]>([
    ['a value larger than a slab', 'key', filled(KIB, 1), 'RECORD_TOO_LARGE'],
    ['a long key', 'k'.repeat(MAX_KEY_BYTES + 1), filled(1, 1), 'RECORD_TOO_LARGE'],
    ['a key that is long in UTF-8', 'ü'.repeat(MAX_KEY_BYTES / 2 + 1), filled(1, 1), 'RECORD_TOO_LARGE'],
    ['long key bytes', Buffer.alloc(MAX_KEY_BYTES + 1), filled(1, 1), 'RECORD_TOO_LARGE'],
    ['half a surrogate pair', 'a\ud800', filled(1, 1), 'KEY_MALFORMED'],
  ])('S8: %s', (_, key, value, code) => {
    expect(codeOf(() => table.put(key, value))).toBe(code)
    expect(table.size).toBe(0)
  })

  test('S8: the largest record that fits a slab is taken', () => {
    const table = new StateTable(small)
    const most = KIB - 4 * 4 - 3
    table.put('key', filled(most, 9))
    expect(table.get('key')).toEqual(filled(most, 9))
    expect(codeOf(() => table.put('key', filled(most + 1, 9)))).toBe('RECORD_TOO_LARGE')
  })

  test.each([
    { limitBytes: MIB, slabBytes: 1000 },
    { limitBytes: 3 * KIB, slabBytes: KIB },
    { limitBytes: 2 ** 35 },
    { limitBytes: Number.NaN },
  ])('S8: options %o are refused', (options) => {
    expect(() => new StateTable(options)).toThrow(/give/)
  })
})

test('entries tell of a change made while they are read', () => {
  const table = new StateTable(small)
  for (let i = 0; i < 5; i++) table.put(`order-${i}`, filled(10, i))
  const read = () => {
    for (const [key] of table.entries()) table.delete(Buffer.from(key))
  }
  expect(read).toThrow('changed while its entries were read')
})
