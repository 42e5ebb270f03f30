import { Fault } from '@backhaul/domain'
import type { ErrorCode } from './errors.ts'
import type { KeyAtHand } from './key-at-hand.ts'

/**
 * Where a record is, counted in words of four bytes over all slabs: 16 GiB fit 32 bits. 0 is no record, as the first
 * word of a slab stays empty.
 */
export type Pointer = number

export const NO_RECORD: Pointer = 0
/** Most that 32-bit pointers reach. */
export const MAX_LOG_BYTES = 2 ** 34

const WORD_BYTES = 4
const POINTERS = MAX_LOG_BYTES / WORD_BYTES
const FIRST_WORD = 1

// A record: hash, value length, key length, then key, value, and zeros up to a whole word.
const VALUE_LENGTH = 1
const KEY_LENGTH = 2
const HEADER_WORDS = 3
/** In place of the value's length: the key is deleted. */
const TOMBSTONE = 0xffff_ffff

interface Slab {
  readonly bytes: Buffer
  /** The same memory. */
  readonly words: Uint32Array
  usedWords: number
}

/**
 * Records one after the other, in slabs outside the heap. What is written never changes, and of two records of one key
 * the later one holds; so a prefix of the log is the state of a moment, and a value handed out stays as it is.
 */
export class RecordLog {
  readonly slabBytes: number
  /** Words of all records in the log, dead ones and tombstones too. */
  usedWords = 0
  /** Words of records that hold. */
  liveWords = 0

  /** By sequence number, modulo what pointers can tell apart. */
  readonly #slabs: (Slab | undefined)[] = []
  readonly #slots: number
  readonly #slabShift: number
  readonly #wordMask: number
  #oldest = 0
  #next = 0

  /** @param slabBytes A power of two. */
  constructor(slabBytes: number) {
    if (slabBytes < 1024 || slabBytes > 2 ** 30 || !Number.isInteger(Math.log2(slabBytes))) {
      throw new Error(`slabBytes is ${slabBytes}: give a power of two from 1 KiB to 1 GiB`)
    }
    this.slabBytes = slabBytes
    this.#slabShift = Math.log2(slabBytes / WORD_BYTES)
    this.#wordMask = slabBytes / WORD_BYTES - 1
    this.#slots = POINTERS / (slabBytes / WORD_BYTES)
  }

  get slabCount(): number {
    return this.#next - this.#oldest
  }

  /** @throws Fault `RECORD_TOO_LARGE` when no slab can hold such a record. */
  checkFits(keyBytes: number, valueBytes: number): void {
    const words = recordWords(keyBytes, valueBytes)
    if (words > this.#wordMask) {
      throw new Fault(
        'RECORD_TOO_LARGE' satisfies ErrorCode,
        `A record of ${words * WORD_BYTES} bytes does not fit a slab of ${this.slabBytes}`,
        { details: { keyBytes, valueBytes, slabBytes: this.slabBytes } },
      )
    }
  }

  /** Writes a record that holds, or a tombstone for null. */
  append(key: KeyAtHand, value: Uint8Array | null): Pointer {
    const words = recordWords(key.length, value === null ? 0 : value.length)
    const pointer = this.#reserve(words)
    const slab = this.#slabOf(pointer)
    const at = pointer & this.#wordMask
    slab.words[at + words - 1] = 0 // the bytes that fill up the last word: old memory never reaches a snapshot
    slab.words[at] = key.hash
    slab.words[at + VALUE_LENGTH] = value === null ? TOMBSTONE : value.length
    slab.words[at + KEY_LENGTH] = key.length
    const { bytes, start, length } = key
    const keyAt = (at + HEADER_WORDS) * WORD_BYTES
    for (let i = 0; i < length; i++) slab.bytes[keyAt + i] = bytes[start + i] as number
    if (value !== null) {
      slab.bytes.set(value, keyAt + length)
      this.liveWords += words
    }
    return pointer
  }

  /** Writes a record that holds a second time, at the end; it now holds there. */
  copyToEnd(pointer: Pointer): Pointer {
    const words = this.wordsOf(pointer)
    const source = this.#slabOf(pointer)
    const copy = this.#reserve(words)
    const from = (pointer & this.#wordMask) * WORD_BYTES
    const to = (copy & this.#wordMask) * WORD_BYTES
    source.bytes.copy(this.#slabOf(copy).bytes, to, from, from + words * WORD_BYTES)
    return copy
  }

  /** Says that a record no longer holds. */
  kill(pointer: Pointer): void {
    this.liveWords -= this.wordsOf(pointer)
  }

  /** True when the record is of this key. */
  isOf(pointer: Pointer, key: KeyAtHand): boolean {
    const slab = this.#slabOf(pointer)
    const at = pointer & this.#wordMask
    const { bytes, start, length } = key
    if (slab.words[at + KEY_LENGTH] !== length) return false
    const own = slab.bytes
    const keyAt = (at + HEADER_WORDS) * WORD_BYTES
    for (let i = 0; i < length; i++) if (own[keyAt + i] !== bytes[start + i]) return false
    return true
  }

  hashOf(pointer: Pointer): number {
    return this.#slabOf(pointer).words[pointer & this.#wordMask] as number
  }

  isTombstone(pointer: Pointer): boolean {
    return this.#slabOf(pointer).words[(pointer & this.#wordMask) + VALUE_LENGTH] === TOMBSTONE
  }

  /** Length of the record in words, its header included. */
  wordsOf(pointer: Pointer): number {
    const { words } = this.#slabOf(pointer)
    const at = pointer & this.#wordMask
    const valueLength = words[at + VALUE_LENGTH] as number
    return recordWords(words[at + KEY_LENGTH] as number, valueLength === TOMBSTONE ? 0 : valueLength)
  }

  /** A view, not a copy. */
  keyOf(pointer: Pointer): Buffer {
    const { bytes, words } = this.#slabOf(pointer)
    const at = pointer & this.#wordMask
    const from = (at + HEADER_WORDS) * WORD_BYTES
    return bytes.subarray(from, from + (words[at + KEY_LENGTH] as number))
  }

  /** A view, not a copy. */
  valueOf(pointer: Pointer): Buffer {
    const { bytes, words } = this.#slabOf(pointer)
    const at = pointer & this.#wordMask
    const from = (at + HEADER_WORDS) * WORD_BYTES + (words[at + KEY_LENGTH] as number)
    return bytes.subarray(from, from + (words[at + VALUE_LENGTH] as number))
  }

  /** Points `key` at the key of a record. */
  readKey(pointer: Pointer, key: KeyAtHand): void {
    const { bytes, words } = this.#slabOf(pointer)
    const at = pointer & this.#wordMask
    key.readAt(bytes, (at + HEADER_WORDS) * WORD_BYTES, words[at + KEY_LENGTH] as number, words[at] as number)
  }

  /** First record of the oldest slab, of all records the one written first. */
  get first(): Pointer {
    return this.#pointerTo(this.#oldest, FIRST_WORD)
  }

  /** The record behind this one in the same slab; NO_RECORD at the slab's end. */
  following(pointer: Pointer): Pointer {
    const words = this.wordsOf(pointer)
    const at = (pointer & this.#wordMask) + words
    return at < this.#slabOf(pointer).usedWords ? pointer + words : NO_RECORD
  }

  /** Records of all slabs, in the order they were written. */
  *pointers(): Generator<Pointer> {
    for (let sequence = this.#oldest; sequence < this.#next; sequence++) {
      let pointer = this.#pointerTo(sequence, FIRST_WORD)
      while (pointer !== NO_RECORD) {
        yield pointer
        pointer = this.following(pointer)
      }
    }
  }

  /** Lets the oldest slab go. Its memory is free once no value of it is held any more. */
  dropOldest(): void {
    const slot = this.#oldest % this.#slots
    this.usedWords -= (this.#slabs[slot]?.usedWords ?? 0) - FIRST_WORD
    this.#slabs[slot] = undefined
    this.#oldest += 1
  }

  /** What is written so far, slab by slab: views that never change. */
  written(): Buffer[] {
    const views: Buffer[] = []
    for (let sequence = this.#oldest; sequence < this.#next; sequence++) {
      const slab = this.#slabs[sequence % this.#slots] as Slab
      views.push(slab.bytes.subarray(0, slab.usedWords * WORD_BYTES))
    }
    return views
  }

  /**
   * Takes a slab as `written` gave it, behind all others. Which of its records hold is the caller's to say, by
   * `liveWords`.
   *
   * @param each Told of each record, in order, and of its words.
   * @returns False when the records do not end where the slab ends: then the log is of no use.
   */
  adopt(bytes: Buffer, usedBytes: number, each: (pointer: Pointer, words: number) => void): boolean {
    const slab = asSlab(bytes)
    slab.usedWords = usedBytes / WORD_BYTES
    this.usedWords += slab.usedWords - FIRST_WORD
    this.#add(slab)
    const first = this.#pointerTo(this.#next - 1, 0)
    let at = FIRST_WORD
    while (at < slab.usedWords) {
      const valueLength = slab.words[at + VALUE_LENGTH] as number
      const words = recordWords(
        slab.words[at + KEY_LENGTH] as number,
        valueLength === TOMBSTONE ? 0 : valueLength,
      )
      each(first + at, words)
      at += words
    }
    return at === slab.usedWords && at > FIRST_WORD
  }

  #reserve(words: number): Pointer {
    let tail = this.#next > this.#oldest ? this.#slabs[(this.#next - 1) % this.#slots] : undefined
    if (tail === undefined || tail.usedWords + words > this.#wordMask + 1) {
      tail = asSlab(Buffer.allocUnsafeSlow(this.slabBytes))
      tail.words[0] = 0
      this.#add(tail)
    }
    const pointer = this.#pointerTo(this.#next - 1, tail.usedWords)
    tail.usedWords += words
    this.usedWords += words
    return pointer
  }

  #add(slab: Slab): void {
    this.#slabs[this.#next % this.#slots] = slab
    this.#next += 1
  }

  #pointerTo(sequence: number, word: number): Pointer {
    return (((sequence % this.#slots) << this.#slabShift) | word) >>> 0
  }

  #slabOf(pointer: Pointer): Slab {
    return this.#slabs[pointer >>> this.#slabShift] as Slab
  }
}

function asSlab(bytes: Buffer): Slab {
  return {
    bytes,
    words: new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / WORD_BYTES),
    usedWords: FIRST_WORD,
  }
}

function recordWords(keyBytes: number, valueBytes: number): number {
  return HEADER_WORDS + Math.ceil((keyBytes + valueBytes) / WORD_BYTES)
}
