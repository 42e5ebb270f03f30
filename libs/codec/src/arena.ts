import type { RecordFormat } from './record-format.ts'

const CHUNK_BYTES = 256 * 1024

/** Encodes values one behind the other into large pieces of memory: no buffer and no copy for each. */
export class Arena {
  #chunk = Buffer.alloc(0)
  #used = 0

  /**
   * @returns A view of the header and the value behind it. It never changes.
   * @throws Error for a value that does not fit the format.
   */
  encode(header: Uint8Array, format: RecordFormat, value: unknown): Buffer {
    const start = this.#used
    const end = format.write(value, this.#chunk, start + header.length)
    if (end > this.#chunk.length) {
      this.#begin(end - start)
      return this.encode(header, format, value)
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
