import { Fault } from '@backhaul/domain'
import type { ErrorCode } from './errors.ts'

/** A text stands for its UTF-8 bytes: `'a'` and `Buffer.from('a')` are one key. */
export type Key = string | Uint8Array

/** Longest key, in bytes. */
export const MAX_KEY_BYTES = 4096

const LAST_ASCII = 0x7f

/**
 * The key a call is about: where its bytes are, and their hash. One object per table, filled anew by each call, so that
 * no call allocates.
 */
export class KeyAtHand {
  readonly #text = Buffer.allocUnsafeSlow(MAX_KEY_BYTES)
  bytes: Uint8Array = this.#text
  start = 0
  length = 0
  /** 32 bits, unsigned. */
  hash = 0

  /** @throws Fault `RECORD_TOO_LARGE` or `KEY_MALFORMED`: not a key that a table takes. */
  read(key: Key): void {
    if (key.length > MAX_KEY_BYTES) throw tooLong(key.length)
    this.start = 0
    if (typeof key === 'string') {
      this.bytes = this.#text
      this.length = this.#writeText(key)
    } else {
      this.bytes = key
      this.length = key.length
    }
    this.hash = hashOf(this.bytes, this.length)
  }

  /** A key that stands in a record, with the hash that the record tells. */
  readAt(bytes: Uint8Array, start: number, length: number, hash: number): void {
    this.bytes = bytes
    this.start = start
    this.length = length
    this.hash = hash
  }

  #writeText(key: string): number {
    const text = this.#text
    for (let i = 0; i < key.length; i++) {
      const code = key.charCodeAt(i)
      if (code > LAST_ASCII) return this.#writeUnicode(key)
      text[i] = code
    }
    return key.length
  }

  #writeUnicode(key: string): number {
    // UTF-8 writes every half pair as U+FFFD: two keys would become one.
    if (!key.isWellFormed()) {
      throw new Fault('KEY_MALFORMED' satisfies ErrorCode, 'A key has half a surrogate pair: it is no text')
    }
    const length = Buffer.byteLength(key)
    if (length > MAX_KEY_BYTES) throw tooLong(length)
    return this.#text.write(key)
  }
}

/** FNV-1a, finished with murmur3's mixer so that all bits are good. Stored in snapshots: a change is a new format version. */
function hashOf(bytes: Uint8Array, length: number): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function tooLong(bytes: number): Fault {
  return new Fault(
    'RECORD_TOO_LARGE' satisfies ErrorCode,
    `A key has ${bytes} bytes, a table takes up to ${MAX_KEY_BYTES}`,
    { details: { keyBytes: bytes, maxKeyBytes: MAX_KEY_BYTES } },
  )
}
