import avro from 'avsc'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import './short-strings.ts'

const type = avro.Type.forSchema({ type: 'array', items: 'string' })
const stock = (texts: readonly string[]): Buffer => {
  const parts = texts.map((text) => Buffer.from(text))
  const sized = parts.map((bytes) =>
    Buffer.concat([avro.Type.forSchema('long').toBuffer(bytes.length), bytes]),
  )
  if (texts.length === 0) return Buffer.from([0])
  const count = avro.Type.forSchema('long').toBuffer(texts.length)
  return Buffer.concat([count, ...sized, Buffer.from([0])])
}

test('texts of any length and script are written as Avro has them, and come back as they were', () =>
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 70 })), (texts) => {
      expect(type.toBuffer(texts)).toEqual(stock(texts))
      expect(type.fromBuffer(stock(texts))).toEqual(texts)
      expect(type.fromBuffer(stock([...texts, ...texts]))).toEqual([...texts, ...texts])
    }),
    { numRuns: 1_000 },
  ))

test('a text that ends beyond its buffer is refused, never made up from what was read before', () => {
  const whole = type.toBuffer(['channel-de'])
  expect(type.fromBuffer(whole)).toEqual(['channel-de'])
  for (let length = 0; length < whole.length; length++) {
    expect(() => type.fromBuffer(whole.subarray(0, length))).toThrow()
  }
})

test('a length below zero is refused', () => {
  expect(() => type.fromBuffer(Buffer.from([2, 3, 65, 0]))).toThrow()
})

test('a buffer too small for a text is told, and nothing is written beyond it', () => {
  const text = avro.Type.forSchema('string')
  const small = Buffer.alloc(4)
  expect(text.encode('abcdef', small, 0)).toBeLessThan(0)
})
