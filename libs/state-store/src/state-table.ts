import { Fault } from '@backhaul/domain'
import type { ErrorCode } from './errors.ts'
import { type Key, KeyAtHand } from './key-at-hand.ts'
import { KeyIndex } from './key-index.ts'
import { MAX_LOG_BYTES, NO_RECORD, type Pointer, RecordLog } from './record-log.ts'

export interface TableOptions {
  /** Most memory the table may take, in bytes: slabs and index, dead records too. At most 16 GiB. */
  readonly limitBytes: number
  /** Memory is taken in pieces of this size, in bytes; a power of two, larger than any record. */
  readonly slabBytes?: number
}

/** What a table held at one moment. Never changes, whatever the table does later. */
export interface FrozenTable {
  readonly size: number
  readonly slabBytes: number
  readonly slabs: readonly Uint8Array[]
}

const DEFAULT_SLAB_BYTES = 16 * 2 ** 20
/** Share of the log that may be dead before the oldest slab is cleaned. */
const MAX_DEAD_SHARE = 0.4
/** Words looked at by the cleaner for each word written, so that it keeps up and no write waits for long. */
const CLEANED_PER_WRITTEN = 4
/** At the limit, cleaning goes on down to this share; then the table is full. Less would clean ten times what it frees. */
const DEAD_SHARE_AT_LIMIT = 0.1
/** A write may begin one slab, the cleaner behind it another. */
const RESERVED_SLABS = 2
const MIN_SLABS = 4

/**
 * Keys and values of one partition, outside the heap and within a limit.
 *
 * A value handed out is a view of the table's memory: it never changes, must not be written to, and keeps its slab
 * (`slabBytes`) in memory for as long as it is held. Copy what is kept.
 *
 * After a Fault `STATE_TOO_LARGE` the table still answers, but is full: stop, and start with a higher limit.
 */
export class StateTable {
  readonly #limitBytes: number
  readonly #log: RecordLog
  readonly #index: KeyIndex
  readonly #key = new KeyAtHand()
  /** Next record the cleaner looks at, in the oldest slab; NO_RECORD while it has not begun with it. */
  #cleaner: Pointer = NO_RECORD
  #changes = 0

  constructor({ limitBytes, slabBytes = DEFAULT_SLAB_BYTES }: TableOptions) {
    if (!(limitBytes >= MIN_SLABS * slabBytes && limitBytes <= MAX_LOG_BYTES)) {
      throw new Error(
        `limitBytes is ${limitBytes}: give ${MIN_SLABS * slabBytes} (${MIN_SLABS} slabs) to ${MAX_LOG_BYTES}`,
      )
    }
    this.#limitBytes = limitBytes
    this.#log = new RecordLog(slabBytes)
    this.#index = new KeyIndex(this.#log)
  }

  /** Number of keys. */
  get size(): number {
    return this.#index.size
  }

  /** Memory taken: slabs and index. */
  get memoryBytes(): number {
    return this.#log.slabCount * this.#log.slabBytes + this.#index.bytes
  }

  /** Share of the records' bytes that replaced and deleted records take up, 0 to 1. */
  get deadShare(): number {
    const { usedWords, liveWords } = this.#log
    return usedWords === 0 ? 0 : 1 - liveWords / usedWords
  }

  /** @returns A view of the value, see the class. */
  get(key: Key): Buffer | undefined {
    this.#key.read(key)
    const pointer = this.#index.find(this.#key)
    return pointer === NO_RECORD ? undefined : this.#log.valueOf(pointer)
  }

  /** @throws Fault `RECORD_TOO_LARGE`, `KEY_MALFORMED` as `check`, or `STATE_TOO_LARGE`; nothing is changed then. */
  put(key: Key, value: Uint8Array): void {
    this.check(key, value)
    this.#makeRoom()
    const pointer = this.#log.append(this.#key, value)
    const before = this.#index.put(this.#key, pointer)
    if (before !== NO_RECORD) this.#log.kill(before)
    this.#written(pointer)
  }

  /** Forgets a key; an unknown one is no error. @throws Fault as `put`: a delete takes some room too. */
  delete(key: Key): void {
    this.#key.read(key)
    if (this.#index.find(this.#key) === NO_RECORD) return
    this.#makeRoom()
    this.#log.kill(this.#index.delete(this.#key))
    this.#written(this.#log.append(this.#key, null))
  }

  /**
   * Does nothing but refuse what `put`, or `delete` for null, would refuse whatever is in the table.
   *
   * @throws Fault `RECORD_TOO_LARGE` or `KEY_MALFORMED`.
   */
  check(key: Key, value: Uint8Array | null): void {
    this.#key.read(key)
    this.#log.checkFits(this.#key.length, value === null ? 0 : value.length)
  }

  /** All keys and values, as views, in no order to rely on. @throws Error when the table is changed on the way. */
  *entries(): Generator<[key: Buffer, value: Buffer]> {
    const changes = this.#changes
    for (const pointer of this.#log.pointers()) {
      if (!this.#index.holds(this.#log.hashOf(pointer), pointer)) continue
      yield [this.#log.keyOf(pointer), this.#log.valueOf(pointer)]
      if (this.#changes !== changes) throw new Error('The table was changed while its entries were read')
    }
  }

  /** The table as of now, at no cost: what is written never changes. For `writeSnapshot`. */
  freeze(): FrozenTable {
    return { size: this.size, slabBytes: this.#log.slabBytes, slabs: this.#log.written() }
  }

  /**
   * Takes a slab of a frozen table: all of them in order, into an empty table, give that table back. For
   * `readSnapshot`.
   *
   * @param slab Becomes the table's own; `slabBytes` long, of which `usedBytes` are the frozen slab.
   * @returns False when the slab's records do not add up; the table is of no use then.
   * @throws Fault `STATE_TOO_LARGE`, with a part of the slab taken.
   */
  adopt(slab: Buffer, usedBytes: number): boolean {
    const log = this.#log
    this.#changes += 1
    return log.adopt(slab, usedBytes, (pointer, words) => {
      // No cleaning here: what it moved would stand behind records of this slab that are still to be read.
      if (this.#isFull()) throw this.#tooLarge()
      log.readKey(pointer, this.#key)
      const deletes = log.isTombstone(pointer)
      const before = deletes ? this.#index.delete(this.#key) : this.#index.put(this.#key, pointer)
      if (before !== NO_RECORD) log.kill(before)
      if (!deletes) log.liveWords += words
    })
  }

  #written(pointer: Pointer): void {
    this.#changes += 1
    if (this.deadShare <= MAX_DEAD_SHARE) return
    let words = CLEANED_PER_WRITTEN * this.#log.wordsOf(pointer)
    while (words > 0 && this.#log.slabCount > 1) words -= this.#cleanNext()
  }

  /**
   * Looks at one record of the oldest slab: one that holds moves to the log's end, any other goes with its slab.
   * Always the oldest: all that a tombstone hides is older, so that it may go too. A round over the whole log copies at
   * most what lives and frees what is dead, so a write costs at most 1.5 copies, however the keys are spread.
   *
   * @returns Words looked at.
   */
  #cleanNext(): number {
    const log = this.#log
    const pointer = this.#cleaner === NO_RECORD ? log.first : this.#cleaner
    const words = log.wordsOf(pointer)
    this.#cleaner = log.following(pointer)
    const hash = log.hashOf(pointer)
    if (!log.isTombstone(pointer) && this.#index.holds(hash, pointer)) {
      this.#index.move(hash, pointer, log.copyToEnd(pointer))
    }
    if (this.#cleaner === NO_RECORD) log.dropOldest()
    return words
  }

  #makeRoom(): void {
    while (this.#isFull() && this.deadShare > DEAD_SHARE_AT_LIMIT && this.#log.slabCount > 1) {
      do this.#cleanNext()
      while (this.#cleaner !== NO_RECORD)
    }
    if (this.#isFull()) throw this.#tooLarge()
  }

  #tooLarge(): Fault {
    const { size, memoryBytes } = this
    const limitBytes = this.#limitBytes
    const deadShare = Number(this.deadShare.toFixed(3))
    return new Fault(
      'STATE_TOO_LARGE' satisfies ErrorCode,
      `The state of ${size} keys takes ${memoryBytes} bytes; one more write could take it over its limit of ${limitBytes}. ` +
        'Raise the limit, or spread the topic over more partitions',
      { details: { size, memoryBytes, limitBytes, deadShare, indexBytes: this.#index.bytes } },
    )
  }

  /** True when one more write could take the table over its limit. */
  #isFull(): boolean {
    const { slabBytes } = this.#log
    const most = RESERVED_SLABS * slabBytes + this.#index.largestSegmentBytes
    return this.memoryBytes + most > this.#limitBytes
  }
}
