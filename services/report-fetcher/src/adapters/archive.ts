import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { Fault } from '@backhaul/domain'

/** A document in the archive. */
export interface Archived {
  readonly sha256: string
  readonly bytes: number
}

/** Documents under the SHA-256 of their text (UTF-8, without buyer columns), gzip-compressed, in a folder. */
export class Archive {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /**
   * Stores a text that comes in pieces; all or nothing. The same text is stored once.
   *
   * @throws Fault `ARCHIVE_UNAVAILABLE`, retryable: disk full, no access; whatever the text throws.
   */
  async store(text: AsyncIterable<string>): Promise<Archived> {
    try {
      return await this.#store(text)
    } catch (error) {
      throw toFault(error)
    }
  }

  async #store(text: AsyncIterable<string>): Promise<Archived> {
    await mkdir(this.#folder, { recursive: true })
    const partial = join(this.#folder, `${randomUUID()}.partial`)
    const hash = createHash('sha256')
    let bytes = 0
    const measured = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk)
        bytes += chunk.length
        done(null, chunk)
      },
    })
    try {
      await pipeline(Readable.from(bytesOf(text)), measured, createGzip(), createWriteStream(partial))
      const sha256 = hash.digest('hex')
      await sync(partial)
      await rename(partial, this.#path(sha256))
      return { sha256, bytes }
    } finally {
      await rm(partial, { force: true })
    }
  }

  /**
   * The bytes of a document's text, in UTF-8.
   *
   * @throws Fault `DOCUMENT_MISSING` when it is not there, or damaged; `ARCHIVE_UNAVAILABLE`, retryable.
   */
  async *read(sha256: string): AsyncGenerator<Uint8Array> {
    const file = createReadStream(this.#path(sha256))
    const text = file.pipe(createGunzip())
    file.once('error', (error) => text.destroy(error))
    try {
      yield* text
    } catch (error) {
      throw toFault(error, sha256)
    } finally {
      file.destroy()
    }
  }

  #path(sha256: string): string {
    return join(this.#folder, `${sha256}.tsv.gz`)
  }
}

async function* bytesOf(text: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const piece of text) yield Buffer.from(piece)
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Storage that may come back. Source: errno(3). */
const UNAVAILABLE = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EACCES', 'EMFILE', 'ENFILE', 'ESTALE'])

function toFault(error: unknown, sha256?: string): unknown {
  const { code = '' } = error as { code?: string }
  if (UNAVAILABLE.has(code))
    return new Fault('ARCHIVE_UNAVAILABLE', `The archive cannot be used now (${code})`, {
      retryable: true,
      cause: error,
    })
  if (sha256 && (code === 'ENOENT' || code.startsWith('Z_')))
    return new Fault('DOCUMENT_MISSING', `The archive no longer holds document ${sha256} whole`, {
      cause: error,
    })
  return error
}
