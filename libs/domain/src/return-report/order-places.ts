const FIRST_CAPACITY = 1 << 12
/** Fuller tables make long searches. */
const MOST_FILLED = 0.6

/**
 * Remembers in which row of a document each order is seen last, so that the rows of an order can be put together while the
 * document streams by: 12 to 40 bytes an order, 60 MiB for 2.5 million.
 *
 * Orders are told apart by 53 bits of their reference. Two that share them wait for each other's rows; nothing worse.
 */
export class OrderPlaces {
  #keys = new Float64Array(FIRST_CAPACITY)
  #lastRows = new Uint32Array(FIRST_CAPACITY)
  #size = 0

  /** Notes a row; rows come in their order. */
  note(orderReference: string, rowNumber: number): void {
    if (this.#size > this.#keys.length * MOST_FILLED) this.#grow()
    const key = keyOf(orderReference)
    const slot = slotOf(this.#keys, key)
    if (this.#keys[slot] === 0) {
      this.#keys[slot] = key
      this.#size += 1
    }
    this.#lastRows[slot] = rowNumber
  }

  /** The last row of an order; 0 when it was never seen. */
  lastRow(orderReference: string): number {
    const key = keyOf(orderReference)
    const slot = slotOf(this.#keys, key)
    return this.#keys[slot] === key ? (this.#lastRows[slot] as number) : 0
  }

  #grow(): void {
    const [keys, lastRows] = [this.#keys, this.#lastRows]
    this.#keys = new Float64Array(keys.length * 2)
    this.#lastRows = new Uint32Array(keys.length * 2)
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at] as number
      if (key === 0) continue
      const slot = slotOf(this.#keys, key)
      this.#keys[slot] = key
      this.#lastRows[slot] = lastRows[at] as number
    }
  }
}

function slotOf(keys: Float64Array, key: number): number {
  const mask = keys.length - 1
  let slot = (key % keys.length) & mask
  while (keys[slot] !== 0 && keys[slot] !== key) slot = (slot + 1) & mask
  return slot
}

/** 53 bits of a text, never 0. Two lanes of FNV-1a, the second with another seed. Source: Fowler, Noll, Vo. */
function keyOf(text: string): number {
  let low = 0x811c9dc5
  let high = 0x9747b28c
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ code, 0x01000193) + low
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0) + 1
}
