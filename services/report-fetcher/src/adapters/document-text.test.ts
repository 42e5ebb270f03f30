import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decoded, unpacked } from './document-text.ts'

async function* piecesOf(bytes: Uint8Array, size = 7) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const textOf = async (pieces: AsyncIterable<string>) => (await Array.fromAsync(pieces)).join('')
const hints = (charset: string | null, marketplaceId = 'A1PA6795UKMFR9') => ({ charset, marketplaceId })
const read = (bytes: Uint8Array, charset: string | null = null, size = 7) =>
  textOf(decoded(unpacked(piecesOf(bytes, size)), hints(charset)))

const TEXT = `${'plain '.repeat(20)}Größe „M“ 5 €`
const CP1252 = Buffer.from([...TEXT].map((c) => ({ '„': 0x84, '“': 0x93, '€': 0x80 })[c] ?? c.charCodeAt(0)))

test('C9: the same text comes from every charset, named or not, cut anywhere', async () => {
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(TEXT, 'utf16le')])
  const cases: [Uint8Array, string | null][] = [
    [Buffer.from(TEXT), 'UTF-8'],
    [Buffer.from(TEXT), null],
    [CP1252, 'Cp1252'],
    [CP1252, 'ISO-8859-1'],
    [CP1252, null],
    [utf16, null],
    // Named wrongly.
    [CP1252, 'UTF-8'],
    [Buffer.from(TEXT), 'Cp1252'],
    [Buffer.from(TEXT), 'Shift_JIS'],
    [Buffer.from(TEXT), 'klingon'],
    [utf16, 'UTF-8'],
  ]
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...cases),
      fc.integer({ min: 1, max: 200 }),
      async ([bytes, charset], size) => {
        expect(await read(bytes, charset, size)).toBe(TEXT)
      },
    ),
  )
})

test('C9: Japanese documents are Shift-JIS under three names', async () => {
  for (const name of ['Shift_JIS', 'Cp932', 'Windows-31J'])
    expect(await read(Buffer.from([0x83, 0x65, 0x83, 0x58, 0x83, 0x67]), name)).toBe('テスト')
})

test('C9: gzip is known by its bytes, whatever was said', async () => {
  expect(await read(gzipSync(TEXT))).toBe(TEXT)
  expect(await read(gzipSync(TEXT), 'UTF-8')).toBe(TEXT)
  expect(await read(new Uint8Array())).toBe('')
})

test.each([
  ['UTF-8 that breaks later', Buffer.concat([Buffer.from(TEXT), Buffer.from([0xff])]), null, /not utf-8/],
  ['UTF-8 cut in mid-letter', Buffer.from(TEXT).subarray(0, -1), null, /not utf-8/],
  ['gzip cut in the middle', gzipSync(TEXT).subarray(0, -12), null, /cut or damaged/],
  ['gzip that is damaged', Buffer.concat([gzipSync('x').subarray(0, 11), CP1252]), null, /cut or damaged/],
] as const)('C9: %s is refused whole, never read with letters replaced', async (_, bytes, charset, words) => {
  for (const size of [7, 1_000])
    await expect(read(bytes, charset, size)).rejects.toMatchObject({
      code: 'DOCUMENT_UNREADABLE',
      message: expect.stringMatching(words),
    })
})

test('a failing source is told as it is, not as a damaged document', async () => {
  async function* failing() {
    yield gzipSync(TEXT).subarray(0, 20)
    throw new Error('connection lost')
  }
  await expect(textOf(decoded(unpacked(failing()), hints(null)))).rejects.toThrow('connection lost')
})
