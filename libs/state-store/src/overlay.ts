import type { Key } from './key-at-hand.ts'
import type { StateTable } from './state-table.ts'

/** What the open transaction does to a key; a value of null deletes it. */
export interface Change {
  readonly key: Key
  readonly value: Buffer | null
}

/**
 * Changes of the open transaction, in front of a table, so that state never runs ahead of what is committed:
 * `merge` after the commit, `drop` after an abort.
 */
export class Overlay {
  readonly #table: StateTable
  readonly #changes = new Map<string, Change>()

  constructor(table: StateTable) {
    this.#table = table
  }

  /** The value as the transaction sees it: its own change, else the table's. Views as `StateTable.get`. */
  get(key: Key): Buffer | undefined {
    const change = this.#changes.get(nameOf(key))
    return change === undefined ? this.#table.get(key) : (change.value ?? undefined)
  }

  /**
   * Key and value are held as they are, not copied: leave them alone until `merge` or `drop`.
   *
   * @throws Fault `RECORD_TOO_LARGE` or `KEY_MALFORMED`, here and not at `merge`, when it is too late to refuse.
   */
  put(key: Key, value: Buffer): void {
    this.#table.check(key, value)
    this.#changes.set(nameOf(key), { key, value })
  }

  /** @throws Fault `RECORD_TOO_LARGE` or `KEY_MALFORMED`: no table has such a key. */
  delete(key: Key): void {
    this.#table.check(key, null)
    this.#changes.set(nameOf(key), { key, value: null })
  }

  /** The last change of each key, for the changelog. */
  changed(): Iterable<Change> {
    return this.#changes.values()
  }

  /** @throws Fault `STATE_TOO_LARGE`, with a part merged: the table is of no more use, the changelog has it all. */
  merge(): void {
    for (const { key, value } of this.#changes.values()) {
      if (value === null) this.#table.delete(key)
      else this.#table.put(key, value)
    }
    this.#changes.clear()
  }

  drop(): void {
    this.#changes.clear()
  }
}

const ASCII = /^[\0-\x7f]*$/

/** One name for a key in either form: its UTF-8 bytes as Latin-1. */
function nameOf(key: Key): string {
  if (typeof key === 'string') return ASCII.test(key) ? key : Buffer.from(key).toString('latin1')
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1')
}
