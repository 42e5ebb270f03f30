import type { KeyAtHand } from './key-at-hand.ts'
import { NO_RECORD, type Pointer, type RecordLog } from './record-log.ts'

// Cut by the hash's upper bits, so that growing moves one part in 256: the pause stays below a millisecond.
const SEGMENTS = 256
const SEGMENT_SHIFT = 24
const FIRST_SLOTS = 8
/** Share of slots in use above which a segment doubles. */
const MAX_LOAD = 0.7
/** A slot is two words: hash and pointer. */
const SLOT_BYTES = 8

/** Finds the record that holds for a key: open addressing with linear probing, off the heap. */
export class KeyIndex {
  readonly #log: RecordLog
  readonly #segments = Array.from({ length: SEGMENTS }, () => new Uint32Array(2 * FIRST_SLOTS))
  readonly #sizes = new Uint32Array(SEGMENTS)
  size = 0
  bytes = SEGMENTS * FIRST_SLOTS * SLOT_BYTES
  /** Bytes of the largest segment: what the next growth may add. */
  largestSegmentBytes = FIRST_SLOTS * SLOT_BYTES

  constructor(log: RecordLog) {
    this.#log = log
  }

  find(key: KeyAtHand): Pointer {
    const slots = this.#slotsOf(key.hash)
    return slots[2 * this.#slotOf(slots, key) + 1] as number
  }

  /** @returns The record that held before. */
  put(key: KeyAtHand, pointer: Pointer): Pointer {
    const slots = this.#slotsOf(key.hash)
    const slot = this.#slotOf(slots, key)
    const before = slots[2 * slot + 1] as number
    slots[2 * slot] = key.hash
    slots[2 * slot + 1] = pointer
    if (before === NO_RECORD) {
      const segment = key.hash >>> SEGMENT_SHIFT
      const size = (this.#sizes[segment] as number) + 1
      this.#sizes[segment] = size
      this.size += 1
      if (size > (slots.length / 2) * MAX_LOAD) this.#grow(segment)
    }
    return before
  }

  /** @returns The record that held. */
  delete(key: KeyAtHand): Pointer {
    const slots = this.#slotsOf(key.hash)
    const mask = slots.length / 2 - 1
    let hole = this.#slotOf(slots, key)
    const before = slots[2 * hole + 1] as number
    if (before === NO_RECORD) return NO_RECORD
    // Later ones move up over the hole, as a search would end there.
    for (let slot = (hole + 1) & mask; slots[2 * slot + 1] !== NO_RECORD; slot = (slot + 1) & mask) {
      const home = (slots[2 * slot] as number) & mask
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue
      slots[2 * hole] = slots[2 * slot] as number
      slots[2 * hole + 1] = slots[2 * slot + 1] as number
      hole = slot
    }
    slots[2 * hole + 1] = NO_RECORD
    const segment = key.hash >>> SEGMENT_SHIFT
    this.#sizes[segment] = (this.#sizes[segment] as number) - 1
    this.size -= 1
    return before
  }

  /** True when this record is the one that holds for its key. */
  holds(hash: number, pointer: Pointer): boolean {
    const slots = this.#slotsOf(hash)
    return slots[2 * slotWith(slots, hash, pointer) + 1] === pointer
  }

  /** The record that holds at `from` holds at `to` now. */
  move(hash: number, from: Pointer, to: Pointer): void {
    const slots = this.#slotsOf(hash)
    slots[2 * slotWith(slots, hash, from) + 1] = to
  }

  #slotsOf(hash: number): Uint32Array {
    return this.#segments[hash >>> SEGMENT_SHIFT] as Uint32Array
  }

  /** The key's slot, or the free one that it would take. */
  #slotOf(slots: Uint32Array, key: KeyAtHand): number {
    const { hash } = key
    const mask = slots.length / 2 - 1
    let slot = hash & mask
    for (;;) {
      const pointer = slots[2 * slot + 1] as number
      if (pointer === NO_RECORD) return slot
      if (slots[2 * slot] === hash && this.#log.isOf(pointer, key)) return slot
      slot = (slot + 1) & mask
    }
  }

  #grow(segment: number): void {
    const slots = this.#segments[segment] as Uint32Array
    const grown = new Uint32Array(2 * slots.length)
    for (let at = 0; at < slots.length; at += 2) {
      const pointer = slots[at + 1] as number
      if (pointer === NO_RECORD) continue
      const hash = slots[at] as number
      const slot = slotWith(grown, hash, pointer)
      grown[2 * slot] = hash
      grown[2 * slot + 1] = pointer
    }
    this.#segments[segment] = grown
    this.bytes += slots.byteLength
    this.largestSegmentBytes = Math.max(this.largestSegmentBytes, grown.byteLength)
  }
}

/** The slot of this pointer, or the free one that it would take. */
function slotWith(slots: Uint32Array, hash: number, pointer: Pointer): number {
  const mask = slots.length / 2 - 1
  let slot = hash & mask
  for (;;) {
    const held = slots[2 * slot + 1]
    if (held === pointer || held === NO_RECORD) return slot
    slot = (slot + 1) & mask
  }
}
