import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unpacked } from './unpack.ts'

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const outcomeOf = (bytes: Uint8Array, size: number) =>
  Array.fromAsync(unpacked(inPieces(bytes, size))).then(
    (chunks) => Buffer.concat(chunks),
    (error) => error.code as string,
  )
const CODES = ['DOCUMENT_DAMAGED', 'DOCUMENT_BOMB', 'DOCUMENT_TOO_LARGE']

test('whatever is packed, in whatever pieces it comes, is unpacked to what it was', () =>
  fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 2_000 }),
      fc.integer({ min: 1, max: 50 }),
      async (bytes, size) => {
        fc.pre(!(bytes[0] === 0x1f && bytes[1] === 0x8b))
        expect(await outcomeOf(gzipSync(bytes), size)).toEqual(Buffer.from(bytes))
        expect(await outcomeOf(bytes, size)).toEqual(Buffer.from(bytes))
      },
    ),
  ))

test('whatever is damaged ends, as bytes or with a code', () =>
  fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 500 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 }),
      fc.nat(),
      async (bytes, changes, cutAt) => {
        const damaged = gzipSync(bytes)
        for (const [at, byte] of changes) damaged[2 + (at % (damaged.length - 2))] = byte
        const outcome = await outcomeOf(damaged.subarray(0, 2 + (cutAt % damaged.length)), 64)
        if (typeof outcome === 'string') expect(CODES).toContain(outcome)
      },
    ),
    { numRuns: 500 },
  ))
