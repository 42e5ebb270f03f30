const FIRST_BYTES = 16 * 1024
const MOST_VARINT_BYTES = 5
const MOST_VARLONG_BYTES = 10

/** Below this, a loop over the characters is faster than the native call. */
const SHORT_TEXT_CHARS = 64

/** Room kept for the length of a record: fits 64 to 8,191 bytes, others are moved. */
const ROOM_FOR_LENGTH = 2

/** Writes zig-zag varints and what stands behind its length, into one buffer that grows. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES)
  #length = 0

  /** Begins anew in the same buffer: what `bytes` gave is overwritten. */
  clear(): void {
    this.#length = 0
  }

  /** What was written, without a copy. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Number of bytes written. */
  get length(): number {
    return this.#length
  }

  byte(value: number): void {
    this.#ensure(1)
    this.#bytes[this.#length++] = value
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#ensure(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** A 32-bit integer. */
  varint(value: number): void {
    this.#ensure(MOST_VARINT_BYTES)
    let rest = ((value << 1) ^ (value >> 31)) >>> 0
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#bytes[this.#length++] = rest
  }

  /** An integer that is safe as a number. */
  varlong(value: number): void {
    if (value === (value | 0)) {
      this.varint(value)
      return
    }
    this.#ensure(MOST_VARLONG_BYTES)
    let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
    while (rest > 0x7fn) {
      this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.#bytes[this.#length++] = Number(rest)
  }

  /** Bytes, or text as UTF-8, behind their length; -1 stands for null. */
  sized(value: Buffer | string | null | undefined): void {
    if (value === null || value === undefined) this.varint(-1)
    else if (typeof value === 'string') this.#text(value)
    else {
      this.varint(value.length)
      this.#ensure(value.length)
      this.#bytes.set(value, this.#length)
      this.#length += value.length
    }
  }

  /** Begins what stands behind its length; give the answer to `close`. */
  open(): number {
    this.#ensure(ROOM_FOR_LENGTH)
    this.#length += ROOM_FOR_LENGTH
    return this.#length
  }

  /** Ends what `open` began: moves it where its length takes other room than was kept, and writes the length. */
  close(start: number): void {
    const end = this.#length
    const size = end - start
    const room = size < 64 ? 1 : size < 8_192 ? 2 : size < 1_048_576 ? 3 : size < 134_217_728 ? 4 : 5
    const moved = room - ROOM_FOR_LENGTH
    if (moved !== 0) {
      this.#ensure(MOST_VARINT_BYTES)
      this.#bytes.copyWithin(start + moved, start, end)
    }
    this.#length = start - ROOM_FOR_LENGTH
    this.varint(size)
    this.#length = end + moved
  }

  #text(text: string): void {
    if (text.length < SHORT_TEXT_CHARS && this.#ascii(text)) return
    const size = Buffer.byteLength(text)
    this.varint(size)
    this.#ensure(size)
    this.#bytes.write(text, this.#length, size)
    this.#length += size
  }

  /** Writes a short text; false, with nothing written, when it holds more than ASCII. */
  #ascii(text: string): boolean {
    this.#ensure(1 + text.length)
    const start = this.#length + 1
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) return false
      this.#bytes[start + i] = code
    }
    this.#bytes[this.#length] = text.length << 1
    this.#length = start + text.length
    return true
  }

  #ensure(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}
