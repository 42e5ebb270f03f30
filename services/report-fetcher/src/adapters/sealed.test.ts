import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { archiveKeys, seal, unseal } from './sealed.ts'

const [key, other] = archiveKeys(
  `new:${randomBytes(32).toString('base64')},old:${randomBytes(32).toString('base64')}`,
)
if (!key || !other) throw new Error('two keys were made')

async function* of(...pieces: Uint8Array[]) {
  yield* pieces
}
const all = async (bytes: AsyncIterable<Uint8Array>) => Buffer.concat(await Array.fromAsync(bytes))
const sealed = (...pieces: Uint8Array[]) => all(seal(of(...pieces), key))

test.each([0, 1, 65_535, 65_536, 65_537, 1_000_000])('%d bytes come back as they were', async (size) => {
  const bytes = randomBytes(size)
  const cut = Math.floor(size / 3)
  expect(
    (await all(unseal(of(await sealed(bytes.subarray(0, cut), bytes.subarray(cut))), [other, key]))).equals(
      bytes,
    ),
  ).toBe(true)
})

test('the same text is sealed differently each time, and shows none of it', async () => {
  const text = Buffer.from('canary'.repeat(100))
  const [one, two] = [await sealed(text), await sealed(text)]
  expect(one.equals(two)).toBe(false)
  expect(one.includes('canary')).toBe(false)
})

test('a document that was changed, cut, or whose chunks were moved is not given out', async () => {
  const whole = await sealed(randomBytes(200_000))
  const first = 4 + 1 + 3 + 8
  const chunk = 4 + 65_536 + 16
  const moved = Buffer.concat([
    whole.subarray(0, first),
    whole.subarray(first + chunk, first + 2 * chunk),
    whole.subarray(first, first + chunk),
    whole.subarray(first + 2 * chunk),
  ])
  const changed = Buffer.from(whole)
  changed[whole.length >> 1] = (changed[whole.length >> 1] as number) ^ 1
  for (const bad of [
    moved,
    changed,
    whole.subarray(0, first + chunk),
    whole.subarray(0, -1),
    Buffer.from('x'),
  ])
    await expect(all(unseal(of(bad), [key]))).rejects.toMatchObject({ code: 'DOCUMENT_MISSING' })
})

test('a key that is not known is named', async () => {
  await expect(all(unseal(of(await sealed(Buffer.from('x'))), [other]))).rejects.toMatchObject({
    code: 'ARCHIVE_KEY_UNKNOWN',
    message: expect.stringContaining('new'),
  })
})

test.each(['', 'k', 'k:short', `k k:${randomBytes(32).toString('base64')}`])(
  '%s is no setting of keys',
  (setting) => {
    expect(() => archiveKeys(setting)).toThrow('ARCHIVE_KEYS')
  },
)
