import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { Fault } from '@backhaul/domain'

/** A key of 256 bits, and the name by which a document says that it was sealed with it. */
export interface ArchiveKey {
  readonly id: string
  readonly key: Buffer
}

const ALGORITHM = 'aes-256-gcm'
const MAGIC = Buffer.from('BHA1')
const PREFIX_BYTES = 8
const TAG_BYTES = 16
/** Letters that are sealed together: nothing is given out before its seal was checked, and memory stays small. */
const CHUNK_BYTES = 64 * 1024
/** Length of a chunk in its first bytes. The greatest bit marks the last one, so that a cut document is known. */
const LENGTH_BYTES = 4
const LAST = 0x8000_0000

/** Reads keys from a setting: `id:base64` of 32 bytes, several by commas; the first one seals, all open. */
export function archiveKeys(setting: string): ArchiveKey[] {
  return setting.split(',').map((entry) => {
    const [id = '', text = ''] = entry.trim().split(':')
    const key = Buffer.from(text, 'base64')
    if (/^[\w-]{1,32}$/.test(id) && key.length === 32) return { id, key }
    throw new Fault('ARCHIVE_KEY_INVALID', 'ARCHIVE_KEYS: give id:base64 of 32 bytes, several by commas')
  })
}

/**
 * Encrypts bytes in chunks by AES-256-GCM. The header names the key; each chunk is bound to the header, to its place and to
 * whether it is the last, so that chunks cannot be changed, moved or left out.
 */
export async function* seal(
  bytes: AsyncIterable<Uint8Array>,
  { id, key }: ArchiveKey,
): AsyncGenerator<Buffer> {
  const prefix = randomBytes(PREFIX_BYTES)
  const header = Buffer.concat([MAGIC, Buffer.from([id.length]), Buffer.from(id), prefix])
  yield header
  let place = 0
  const sealed = (chunk: Buffer, isLast: boolean) => {
    const length = Buffer.alloc(LENGTH_BYTES)
    length.writeUInt32BE(isLast ? chunk.length + LAST : chunk.length)
    const cipher = createCipheriv(ALGORITHM, key, nonceOf(prefix, place++))
    cipher.setAAD(Buffer.concat([header, length]))
    return Buffer.concat([length, cipher.update(chunk), cipher.final(), cipher.getAuthTag()])
  }
  let held = Buffer.alloc(0)
  for await (const piece of bytes) {
    held = held.length === 0 ? Buffer.from(piece) : Buffer.concat([held, piece])
    while (held.length > CHUNK_BYTES) {
      yield sealed(held.subarray(0, CHUNK_BYTES), false)
      held = held.subarray(CHUNK_BYTES)
    }
  }
  yield sealed(held, true)
}

/**
 * Opens what `seal` made, chunk by chunk.
 *
 * @throws Fault `ARCHIVE_KEY_UNKNOWN` when its key is none of these; `DOCUMENT_MISSING` when it was changed or cut.
 */
export async function* unseal(
  bytes: AsyncIterable<Uint8Array>,
  keys: readonly ArchiveKey[],
): AsyncGenerator<Buffer> {
  const reader = new Pieces(bytes)
  const start = await reader.take(MAGIC.length + 1)
  if (!start.subarray(0, MAGIC.length).equals(MAGIC)) throw damaged()
  const idBytes = start[MAGIC.length] as number
  const rest = await reader.take(idBytes + PREFIX_BYTES)
  const id = rest.toString('latin1', 0, idBytes)
  const key = keys.find((k) => k.id === id)?.key
  if (!key)
    throw new Fault(
      'ARCHIVE_KEY_UNKNOWN',
      `A document of the archive was sealed with key ${id}: add it to ARCHIVE_KEYS`,
    )
  const header = Buffer.concat([start, rest])
  const prefix = rest.subarray(idBytes)
  for (let place = 0, isLast = false; !isLast; place++) {
    const length = await reader.take(LENGTH_BYTES)
    const told = length.readUInt32BE()
    isLast = told >= LAST
    const size = isLast ? told - LAST : told
    if (size > CHUNK_BYTES) throw damaged()
    const chunk = await reader.take(size)
    const decipher = createDecipheriv(ALGORITHM, key, nonceOf(prefix, place))
    decipher.setAAD(Buffer.concat([header, length]))
    decipher.setAuthTag(await reader.take(TAG_BYTES))
    const opened = decipher.update(chunk)
    try {
      decipher.final()
    } catch (cause) {
      throw damaged(cause)
    }
    yield opened
  }
}

function nonceOf(prefix: Buffer, place: number): Buffer {
  const nonce = Buffer.alloc(PREFIX_BYTES + 4)
  prefix.copy(nonce)
  nonce.writeUInt32BE(place, PREFIX_BYTES)
  return nonce
}

/** Gives a stream out in pieces of a size. */
class Pieces {
  readonly #bytes: AsyncIterator<Uint8Array>
  #held = Buffer.alloc(0)

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#bytes = bytes[Symbol.asyncIterator]()
  }

  async take(size: number): Promise<Buffer> {
    while (this.#held.length < size) {
      const { value, done } = await this.#bytes.next()
      if (done) throw damaged()
      this.#held = Buffer.concat([this.#held, value])
    }
    const piece = this.#held.subarray(0, size)
    this.#held = this.#held.subarray(size)
    return piece
  }
}

const damaged = (cause?: unknown) =>
  new Fault('DOCUMENT_MISSING', 'A document of the archive is cut or was changed', { cause })
