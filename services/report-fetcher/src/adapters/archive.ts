import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { Fault } from '@backhaul/domain'
import { type ArchiveStore, archiveStore } from './archive-stores.ts'
import { type ArchiveKey, archiveKeys, seal, unseal } from './sealed.ts'
import { sweep } from './sweep.ts'

/** A document in the archive. */
export interface Archived {
  readonly sha256: string
  readonly bytes: number
}

/** As much as is sealed together, in a quarter of the turns of the default. */
const unpacking = { chunkSize: 64 * 1024 }

/** Documents under the SHA-256 of their text (UTF-8, without buyer columns), compressed by zstd and encrypted. */
export class Archive {
  readonly #store: ArchiveStore
  readonly #keys: readonly [ArchiveKey, ...ArchiveKey[]]
  readonly #partials: string

  /**
   * @param keys The first one seals, all open.
   * @param partials Folder for documents on their way, on the file system of a store that is a folder.
   */
  constructor(store: ArchiveStore, keys: readonly ArchiveKey[], partials: string) {
    const [first, ...others] = keys
    if (!first) throw new Fault('ARCHIVE_KEY_INVALID', 'The archive needs a key')
    this.#store = store
    this.#keys = [first, ...others]
    this.#partials = partials
  }

  /** Removes what processes that were killed did not finish. */
  sweep(): Promise<void> {
    return sweep(this.#partials, /\.partial$/)
  }

  /**
   * Stores a text that comes in pieces; all or nothing. The same text is stored once.
   *
   * @throws Fault `ARCHIVE_UNAVAILABLE`, retryable: disk full, no access; whatever the text throws.
   */
  async store(text: AsyncIterable<string>): Promise<Archived> {
    const partial = join(this.#partials, `${randomUUID()}.partial`)
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
      await mkdir(this.#partials, { recursive: true })
      await pipeline(
        Readable.from(bytesOf(text)),
        measured,
        createZstdCompress(),
        (compressed: AsyncIterable<Uint8Array>) => seal(compressed, this.#keys[0]),
        createWriteStream(partial),
      )
      const sha256 = hash.digest('hex')
      await sync(partial)
      await this.#store.put(nameOf(sha256), partial)
      return { sha256, bytes }
    } catch (error) {
      throw toFault(error)
    } finally {
      await rm(partial, { force: true })
    }
  }

  /**
   * The bytes of a document's text, in UTF-8.
   *
   * @throws Fault `DOCUMENT_MISSING` when it is not there, or damaged; `ARCHIVE_KEY_UNKNOWN`; `ARCHIVE_UNAVAILABLE`, retryable.
   */
  async *read(sha256: string): AsyncGenerator<Uint8Array> {
    try {
      const sealed = await this.#store.get(nameOf(sha256))
      const source = sealed
        ? Readable.from(unseal(sealed, this.#keys), { objectMode: false })
        : await this.#unsealed(sha256)
      const text = source.pipe(sealed ? createZstdDecompress(unpacking) : createGunzip(unpacking))
      source.once('error', (error) => text.destroy(error))
      try {
        yield* text
      } finally {
        source.destroy()
      }
    } catch (error) {
      throw toFault(error, sha256)
    }
  }

  /** A document that was stored before documents were encrypted. */
  async #unsealed(sha256: string): Promise<Readable> {
    const packed = await this.#store.get(`${sha256}.tsv.gz`)
    if (packed) return Readable.from(packed, { objectMode: false })
    throw new Fault('DOCUMENT_MISSING', `The archive has no document ${sha256}`)
  }
}

/** What the archive is made of, as it is configured. */
export interface ArchiveConfig {
  readonly ARCHIVE_DIR: string
  readonly ARCHIVE_KEYS: string
  readonly AWS_ACCESS_KEY_ID?: string | undefined
  readonly AWS_SECRET_ACCESS_KEY?: string | undefined
}

/** @throws Fault `ARCHIVE_KEY_INVALID` when a key or a credential is missing or wrong. */
export function openArchive(config: ArchiveConfig): Archive {
  const { ARCHIVE_DIR, ARCHIVE_KEYS, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = config
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY }
  const store = archiveStore(ARCHIVE_DIR, credentials)
  const partials = ARCHIVE_DIR.startsWith('s3://') ? tmpdir() : join(ARCHIVE_DIR, 'partial')
  return new Archive(store, archiveKeys(ARCHIVE_KEYS), partials)
}

/** By the first letters, so that no folder holds all. */
const nameOf = (sha256: string): string => `${sha256.slice(0, 2)}/${sha256}.zst.sealed`

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
  if (error instanceof Fault) return error
  const { code = '' } = error as { code?: string }
  if (UNAVAILABLE.has(code))
    return new Fault('ARCHIVE_UNAVAILABLE', `The archive cannot be used now (${code})`, {
      retryable: true,
      cause: error,
    })
  if (sha256 && (code === 'ENOENT' || code.startsWith('Z_') || code.startsWith('ZSTD_')))
    return new Fault('DOCUMENT_MISSING', `The archive no longer holds document ${sha256} whole`, {
      cause: error,
    })
  return error
}
