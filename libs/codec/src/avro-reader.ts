/** Longest text that is remembered, in bytes, and how many are. */
const SHORT = 64
const SLOT_BITS = 11
const SLOTS = 2 ** SLOT_BITS

/** Node's own slices, not in its types: they skip the checks of `toString`. */
type Bytes = Buffer & Record<'latin1Slice' | 'utf8Slice', (from: number, end: number) => string>

/** Texts read lately, by slot, with their bytes and lengths; a length of 0 where none is remembered. */
const texts = new Array<string>(SLOTS).fill('')
const bytesOf = new Uint8Array(SLOTS * SHORT)
const lengths = new Uint8Array(SLOTS)

/**
 * Reads Avro's primitives. Beyond the end of the bytes all is zero and empty: whoever has read a value asks where `at` stands.
 *
 * A short text that was read before is given back as the same string: most in our records repeat, and a new string costs more
 * than its bytes.
 */
export class AvroReader {
  bytes = Buffer.alloc(0) as Bytes
  at = 0

  open(bytes: Buffer, at: number): void {
    this.bytes = bytes as Bytes
    this.at = at
  }

  /** False once more was read than there is. */
  get isWhole(): boolean {
    return this.at <= this.bytes.length
  }

  /** Bytes that were not read yet. */
  get left(): number {
    return Math.max(0, this.bytes.length - this.at)
  }

  /** True for the first branch of a union of null and another type. @throws Error for a branch that there is none of. */
  isNull(): boolean {
    const branch = this.long()
    if (branch !== 0 && branch !== 1) throw new Error(`A union has no branch ${branch}`)
    return branch === 0
  }

  boolean(): boolean {
    return Boolean(this.bytes[this.at++])
  }

  /** @throws Error for a number that is not safe. */
  long(): number {
    const first = this.bytes[this.at++] as number
    return first < 0x80 ? (first >>> 1) ^ -(first & 1) : this.#longer(first)
  }

  /** Items until the next count, of a list or a map; 0 at its end. */
  count(): number {
    const count = this.long()
    if (count >= 0) return count
    this.long() // bytes of the block
    return -count
  }

  /** A view, not a copy. */
  view(): Buffer {
    const length = this.#length()
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  text(): string {
    const length = this.#length()
    const { bytes, at: from } = this
    const end = from + length
    this.at = end
    if (length === 0 || end > bytes.length) return ''
    if (length > SHORT) return bytes.utf8Slice(from, end)
    const slot = slotOf(bytes, from, end)
    if (lengths[slot] === length) {
      const base = slot * SHORT
      let n = 0
      while (n < length && bytesOf[base + n] === bytes[from + n]) n++
      if (n === length) return texts[slot] as string
    }
    return remember(bytes, from, end, slot)
  }

  #length(): number {
    const length = this.long()
    if (length >= 0) return length
    this.at = this.bytes.length + 1
    return 0
  }

  /** Halves at once: doubled, as it is written, a number above 2^52 would lose its sign. */
  #longer(first: number): number {
    let half = (first & 0x7f) >>> 1
    let factor = 0x40
    let byte: number
    do {
      byte = this.bytes[this.at++] as number
      half += (byte & 0x7f) * factor
      factor *= 0x80
    } while (byte & 0x80)
    if (!Number.isSafeInteger(half)) throw new Error('A number is not safe')
    return first & 1 ? -half - 1 : half
  }
}

/** The slot of a text, by its length, its first byte and its last four: ids count up at the end. */
function slotOf(bytes: Buffer, from: number, end: number): number {
  let hash = ((bytes[from] as number) << 12) ^ (end - from)
  for (let at = Math.max(from, end - 4), shift = 0; at < end; at++, shift += 8) {
    hash ^= (bytes[at] as number) << shift
  }
  return Math.imul(hash, 0x9e3779b1) >>> (32 - SLOT_BITS)
}

/** Reads a text and remembers it where it is ASCII, so that it has as many characters as bytes. */
function remember(bytes: Bytes, from: number, end: number, slot: number): string {
  const base = slot * SHORT - from
  let bits = 0
  for (let at = from; at < end; at++) {
    const byte = bytes[at] as number
    bytesOf[base + at] = byte
    bits |= byte
  }
  const isAscii = bits <= 0x7f
  const text = isAscii ? bytes.latin1Slice(from, end) : bytes.utf8Slice(from, end)
  texts[slot] = text
  lengths[slot] = isAscii ? end - from : 0
  return text
}
