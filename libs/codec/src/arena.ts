import type avro from 'avsc'

const CHUNK_BYTES = 256 * 1024

/** Encodes values one behind the other into large pieces of memory: no buffer and no copy for each. */
export class Arena {
  #chunk = Buffer.alloc(0)
  #used = 0

  /**
   * @returns A view of the header and the value behind it. It never changes.
   * @throws what avsc throws of a value that does not fit its type.
   */
  encode(header: Uint8Array, type: avro.Type, value: unknown): Buffer {
    const start = this.#used
    const end = type.encode(value, this.#chunk, start + header.length)
    if (end < 0) {
      // What was missing is told as a negative number.
      this.#begin(header.length - end + this.#chunk.length - start)
      return this.encode(header, type, value)
    }
    this.#chunk.set(header, start)
    this.#used = end
    return this.#chunk.subarray(start, end)
  }

  #begin(atLeastBytes: number): void {
    this.#chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, atLeastBytes))
    this.#used = 0
  }
}
