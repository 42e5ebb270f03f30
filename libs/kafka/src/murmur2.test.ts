import { createRequire } from 'node:module'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { murmur2 } from './murmur2.ts'

const stock = createRequire(import.meta.url)('kafkajs/src/producer/partitioners/default/murmur2') as (
  key: Buffer,
) => number

test('a key goes where kafkajs, and so Java, would send it', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expect(murmur2(bytes)).toBe(stock(Buffer.from(bytes)))
    }),
    { numRuns: 2_000 },
  ))

// Source: the cases of Kafka's own UtilsTest.
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('%s hashes as in Java', (key, hash) => {
  expect(murmur2(Buffer.from(key))).toBe(hash)
})
