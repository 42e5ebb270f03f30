import { Readable } from 'node:stream'
import { TextDecoder } from 'node:util'
import { createGunzip } from 'node:zlib'
import { Fault } from '@backhaul/domain'

/** Amazon's names of charsets, as the encoding standard calls them. */
const CHARSETS: Readonly<Record<string, string>> = {
  cp1252: 'windows-1252',
  'iso-8859-1': 'windows-1252',
  utf8: 'utf-8',
  cp932: 'shift_jis',
  'windows-31j': 'shift_jis',
}

/** Largest document once unpacked: a small one that unpacks to more is a bomb, not a report. */
const MOST_TEXT_BYTES = 512 * 1024 ** 2

/** A UTF-8 letter has at most four bytes. */
const MOST_LETTER_BYTES = 4

/**
 * Unpacks a gzip body, by its first bytes, whatever was said of it.
 *
 * @throws Fault `DOCUMENT_UNREADABLE` when it is cut, damaged, or unpacks to more than 512 MiB.
 */
export async function* unpacked(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(body, { objectMode: false })
  const first = await firstBytes(source)
  const stream = first[0] === 0x1f && first[1] === 0x8b ? source.pipe(createGunzip()) : source
  source.once('error', (error) => stream.destroy(error))
  let bytes = 0
  try {
    for await (const chunk of stream) {
      bytes += chunk.length
      if (bytes > MOST_TEXT_BYTES)
        throw unreadable(`The document unpacks to more than ${MOST_TEXT_BYTES} bytes`)
      yield chunk
    }
  } catch (error) {
    if (!(error as { code?: string }).code?.startsWith('Z_')) throw error
    throw unreadable('The document is compressed by gzip, and cut or damaged')
  }
}

async function firstBytes(source: Readable): Promise<Buffer> {
  for await (const chunk of source.iterator({ destroyOnReturn: false })) {
    source.unshift(chunk)
    return Buffer.from(chunk)
  }
  return Buffer.alloc(0)
}

/**
 * Decodes a document strictly: no letter is ever replaced. The charset is the one that was named; else the byte-order
 * mark's; else UTF-8 if the first letter beyond ASCII is, or else windows-1252.
 *
 * @throws Fault `DOCUMENT_UNREADABLE` when a charset is named that does not exist, or bytes are not of the charset.
 */
export async function* decoded(
  body: AsyncIterable<Uint8Array>,
  charset: string | null,
): AsyncGenerator<string> {
  let decoder = charset === null ? undefined : decoderOf(charset)
  let held = Buffer.alloc(0)
  for await (const chunk of body) {
    if (!decoder) {
      held = Buffer.concat([held, chunk])
      const asciiBytes = asciiLength(held)
      if (held.length - asciiBytes < MOST_LETTER_BYTES) {
        yield held.toString('latin1', 0, asciiBytes)
        held = held.subarray(asciiBytes)
        continue
      }
    }
    decoder ??= decoderOf(charsetOf(held))
    const bytes: Uint8Array = held.length > 0 ? held : chunk
    held = Buffer.alloc(0)
    yield decode(decoder, bytes, true)
  }
  decoder ??= decoderOf(charsetOf(held))
  yield decode(decoder, held, false)
}

function asciiLength(bytes: Uint8Array): number {
  const at = bytes.findIndex((byte) => byte > 0x7f)
  return at < 0 ? bytes.length : at
}

function decoderOf(charset: string): TextDecoder {
  try {
    return new TextDecoder(CHARSETS[charset.toLowerCase()] ?? charset, { fatal: true })
  } catch {
    throw unreadable('The document names a charset that does not exist')
  }
}

/** By the first letter beyond ASCII: one that breaks further down is a broken document, not another charset. */
function charsetOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  const at = asciiLength(bytes)
  const lead = bytes[at] ?? 0
  const letterBytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(at, at + letterBytes))
    return 'utf-8'
  } catch {
    return 'windows-1252'
  }
}

function decode(decoder: TextDecoder, bytes: Uint8Array, stream: boolean): string {
  try {
    return decoder.decode(bytes, { stream })
  } catch {
    throw unreadable(`The document holds bytes that are not ${decoder.encoding}: save it as UTF-8`)
  }
}

const unreadable = (message: string) => new Fault('DOCUMENT_UNREADABLE', message)
