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
const MOST_TEXT_BYTES = 4 * 1024 ** 3

/** Unpacks a gzip body, by its first bytes, whatever was said of it. */
export async function* unpacked(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(body, { objectMode: false })
  const first = await firstBytes(source)
  const stream = first[0] === 0x1f && first[1] === 0x8b ? source.pipe(createGunzip()) : source
  source.once('error', (error) => stream.destroy(error))
  let bytes = 0
  for await (const chunk of stream) {
    bytes += chunk.length
    if (bytes > MOST_TEXT_BYTES) {
      throw new Fault('DOCUMENT_UNREADABLE', `The document unpacks to more than ${MOST_TEXT_BYTES} bytes`)
    }
    yield chunk
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
 * Decodes a document. The charset is the one that was named, else UTF-8, else windows-1252, chosen by the first MiB.
 *
 * @throws Fault `DOCUMENT_UNREADABLE` when a charset is named that does not exist.
 */
export async function* decoded(
  body: AsyncIterable<Uint8Array>,
  charset: string | null,
): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined
  for await (const chunk of body) {
    decoder ??= new TextDecoder(charset ? named(charset) : guessed(chunk))
    yield decoder.decode(chunk, { stream: true })
  }
  if (decoder) yield decoder.decode()
}

function named(charset: string): string {
  const label = CHARSETS[charset.toLowerCase()] ?? charset
  try {
    return new TextDecoder(label).encoding
  } catch {
    throw new Fault('DOCUMENT_UNREADABLE', `The document names the charset ${charset}, which does not exist`)
  }
}

function guessed(chunk: Uint8Array): string {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(chunk, { stream: true })
    return 'utf-8'
  } catch {
    return 'windows-1252'
  }
}
