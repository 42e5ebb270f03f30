import { Readable } from 'node:stream'
import { TextDecoder } from 'node:util'
import { createGunzip } from 'node:zlib'
import { Fault } from '@backhaul/domain'
import { type CharsetHints, LineDecoder } from './charset.ts'

/** Largest document once unpacked: a small one that unpacks to more is a bomb, not a report. 2.5 million rows take 1 GiB. */
const MOST_TEXT_BYTES = 2 * 1024 ** 3

/** A store may pack once more what Amazon had packed. */
const MOST_LAYERS = 2

/** Larger pieces leave the processor's cache before they are read, smaller ones are many. */
const UNPACKED_CHUNK_BYTES = 64 * 1024

/** Bytes without any end of a line or of a tag: no document of rows. */
const MOST_BYTES_OF_A_LINE = 4 * 1024 ** 2

/** Beyond that a line is cut at the end of a tag, as XML may have no lines. */
const LONG_LINE_BYTES = 64 * 1024

/** What says in a text which charset it is in lies within. */
const MOST_HEAD_BYTES = 256

/**
 * Unpacks a gzip body, by its first bytes, whatever was said of it.
 *
 * @throws Fault `DOCUMENT_UNREADABLE` when it is cut, damaged, or unpacks to more than 2 GiB.
 */
export async function* unpacked(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let layers = body
  for (let layer = 0; layer < MOST_LAYERS; layer++) layers = unpackedOnce(layers)
  yield* layers
}

async function* unpackedOnce(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(body, { objectMode: false })
  const first = await firstBytes(source)
  const stream =
    first[0] === 0x1f && first[1] === 0x8b
      ? source.pipe(createGunzip({ chunkSize: UNPACKED_CHUNK_BYTES }))
      : source
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
  } finally {
    source.destroy()
  }
}

async function firstBytes(source: Readable): Promise<Buffer> {
  for await (const chunk of source.iterator({ destroyOnReturn: false })) {
    source.unshift(chunk)
    return Buffer.from(chunk)
  }
  return Buffer.alloc(0)
}

/** The text of a document, in pieces. @throws as `decodedLines`. */
export async function* decoded(...given: Parameters<typeof decodedLines>): AsyncGenerator<string> {
  for await (const lines of decodedLines(...given)) yield lines.join('\n')
}

/**
 * The text of a document, in pieces that are split at their line feeds: the last line of each goes on in the next.
 *
 * Its charset is that of its bytes: a byte-order mark or UTF-16, then each line by what it is; what was named, by the download or
 * by the XML itself, decides only where bytes may be several.
 *
 * @param onFound Told at the end which charsets letters beyond ASCII were in.
 * @throws Fault `DOCUMENT_UNREADABLE` when over a fifth of it is in no charset, or it has no line ends.
 */
export async function* decodedLines(
  body: AsyncIterable<Uint8Array>,
  hints: CharsetHints,
  onFound: (charsets: readonly string[]) => void = () => {},
): AsyncGenerator<readonly string[]> {
  let held: Buffer = Buffer.alloc(0)
  let decoder: LineDecoder | undefined
  let utf16: TextDecoder | undefined
  for await (const chunk of body) {
    if (utf16) {
      yield decodeUtf16(utf16, chunk, true)
      continue
    }
    held = held.length === 0 ? asBuffer(chunk) : Buffer.concat([held, chunk])
    if (!decoder) {
      if (held.length < MOST_HEAD_BYTES) continue
      utf16 = utf16Of(held)
      if (utf16) {
        yield decodeUtf16(utf16, held, true)
        held = Buffer.alloc(0)
        continue
      }
      decoder = new LineDecoder({ ...hints, charset: xmlCharsetOf(held) ?? hints.charset })
    }
    const end = endOfLines(held)
    if (end > 0) yield decoder.decode(held.subarray(0, end))
    held = held.subarray(end)
    if (held.length > MOST_BYTES_OF_A_LINE)
      throw unreadable(`A line is longer than ${MOST_BYTES_OF_A_LINE} bytes: no table of rows`)
  }
  if (!decoder) utf16 ??= utf16Of(held)
  if (utf16) {
    yield decodeUtf16(utf16, held, false)
    return onFound([utf16.encoding])
  }
  decoder ??= new LineDecoder({ ...hints, charset: xmlCharsetOf(held) ?? hints.charset })
  if (held.length > 0) yield decoder.decode(held)
  decoder.end()
  onFound(decoder.found)
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

/** Where the last whole line ends, so that no letter is cut; none of these bytes is part of another letter. */
function endOfLines(bytes: Buffer): number {
  const lineEnd = Math.max(bytes.lastIndexOf(0x0a), bytes.lastIndexOf(0x0d)) + 1
  return lineEnd === 0 && bytes.length > LONG_LINE_BYTES ? bytes.lastIndexOf(0x3e) + 1 : lineEnd
}

/** By its byte-order mark, or by the zeros beside ASCII letters. */
function utf16Of(bytes: Buffer): TextDecoder | undefined {
  const [a, b] = bytes
  if ((a === 0xff && b === 0xfe) || (b === 0 && a !== 0 && a !== undefined))
    return new TextDecoder('utf-16le', { fatal: true })
  if ((a === 0xfe && b === 0xff) || (a === 0 && b !== 0 && b !== undefined))
    return new TextDecoder('utf-16be', { fatal: true })
  return undefined
}

function decodeUtf16(decoder: TextDecoder, bytes: Uint8Array, stream: boolean): string[] {
  try {
    return decoder.decode(bytes, { stream }).split('\n')
  } catch {
    throw unreadable(`The document holds bytes that are not ${decoder.encoding}: save it as UTF-8`)
  }
}

/** The charset that an XML document names in its first line. */
function xmlCharsetOf(bytes: Buffer): string | null {
  const head = bytes.toString('latin1', 0, MOST_HEAD_BYTES)
  return /^(?:\u00ef\u00bb\u00bf)?\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w.-]+)["']/.exec(head)?.[1] ?? null
}

const unreadable = (message: string) => new Fault('DOCUMENT_UNREADABLE', message)
