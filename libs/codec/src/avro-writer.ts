/** Below this many characters, a loop over them is faster than the native call. */
const SHORT = 128

const LEAST_INT = -0x4000_0000
const MOST_INT = 0x3fff_ffff

/**
 * Writes Avro's primitives into bytes that do not grow. What does not fit is only counted: whoever has written a value asks
 * where `at` stands. Each method throws an Error for a value that is not of its type.
 */
export class AvroWriter {
  bytes: Buffer = Buffer.alloc(0)
  at = 0

  open(bytes: Buffer, at: number): void {
    this.bytes = bytes
    this.at = at
  }

  byte(value: number): void {
    this.bytes[this.at++] = value
  }

  boolean(value: boolean): void {
    if (typeof value !== 'boolean') throw misfit('boolean')
    this.byte(value ? 1 : 0)
  }

  int(value: number): void {
    if (value !== (value | 0)) throw misfit('int')
    this.#zigzag(value)
  }

  long(value: number): void {
    if (!Number.isSafeInteger(value)) throw misfit('long')
    this.#zigzag(value)
  }

  sized(value: Uint8Array): void {
    if (!(value instanceof Uint8Array)) throw misfit('bytes')
    this.#zigzag(value.length)
    if (this.at + value.length <= this.bytes.length) this.bytes.set(value, this.at)
    this.at += value.length
  }

  text(value: string): void {
    if (typeof value !== 'string') throw misfit('string')
    if (value.length < SHORT && this.#ascii(value)) return
    const length = Buffer.byteLength(value)
    this.#zigzag(length)
    if (this.at + length <= this.bytes.length) this.bytes.write(value, this.at, length)
    this.at += length
  }

  /** The number of items that follow, of a list. */
  countOf(list: readonly unknown[]): number {
    if (!Array.isArray(list)) throw misfit('array')
    if (list.length > 0) this.#zigzag(list.length)
    return list.length
  }

  /** The keys of the values that follow, of a map. */
  keysOf(map: Readonly<Record<string, unknown>>): readonly string[] {
    if (typeof map !== 'object' || map === null || Array.isArray(map)) throw misfit('map')
    const keys = Object.keys(map)
    if (keys.length > 0) this.#zigzag(keys.length)
    return keys
  }

  /** Writes a short text; false, with nothing that stays, when it holds more than ASCII or does not fit. */
  #ascii(text: string): boolean {
    const { bytes, at } = this
    const { length } = text
    const from = at + (length < 64 ? 1 : 2)
    if (from + length > bytes.length) return false
    for (let n = 0; n < length; n++) {
      const code = text.charCodeAt(n)
      if (code > 0x7f) return false
      bytes[from + n] = code
    }
    this.#zigzag(length)
    this.at = from + length
    return true
  }

  #zigzag(value: number): void {
    const { bytes } = this
    if (value >= LEAST_INT && value <= MOST_INT) {
      let rest = (value << 1) ^ (value >> 31)
      while (rest > 0x7f) {
        bytes[this.at++] = (rest & 0x7f) | 0x80
        rest >>>= 7
      }
      bytes[this.at++] = rest
      return
    }
    // Doubled, a number above 2^52 would lose its sign: that goes into the first byte, with the six lowest bits.
    const half = value >= 0 ? value : -value - 1
    bytes[this.at++] = ((half % 0x40) << 1) | (value < 0 ? 1 : 0) | 0x80
    let rest = Math.floor(half / 0x40)
    while (rest > 0x7f) {
      bytes[this.at++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    bytes[this.at++] = rest
  }
}

const misfit = (type: string) => new Error(`A value is no ${type}`)
