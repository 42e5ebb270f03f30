import type { RecordFormat } from './record-format.ts'

const CHUNK_BYTES = 256 * 1024

/**
 * Large pieces of memory in which values stand one behind the other: no buffer and no copy for each. Cleared, it begins anew in
 * the memory that it has kept. Memory that is only let go of makes the garbage collector go through the whole heap, each 64 MiB.
 */
export class Arena {
  readonly #mostKept: number
  readonly #kept: Buffer[] = []
  /** Number of chunks begun since `clear`. */
  #begun = 0
  #chunk: Buffer = Buffer.alloc(0)
  #used = 0

  /** @param mostKept Chunks of 256 KiB that it keeps for after `clear`. None: each goes when nothing of it is held any longer. */
  constructor(mostKept = 0) {
    this.#mostKept = mostKept
  }

  /**
   * @returns A view of the header and the value behind it. It never changes until `clear`.
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

  /** Memory for so many bytes, to be filled at once. */
  take(bytes: number): Buffer {
    if (this.#used + bytes > this.#chunk.length) this.#begin(bytes)
    const start = this.#used
    this.#used += bytes
    return this.#chunk.subarray(start, this.#used)
  }

  /** Nothing that it gave is held any longer: it will be overwritten. */
  clear(): void {
    this.#begun = 0
    this.#chunk = Buffer.alloc(0)
    this.#used = 0
  }

  #begin(atLeastBytes: number): void {
    this.#used = 0
    if (atLeastBytes > CHUNK_BYTES) {
      this.#chunk = Buffer.allocUnsafeSlow(atLeastBytes)
      return
    }
    this.#chunk = this.#kept[this.#begun] ?? Buffer.allocUnsafeSlow(CHUNK_BYTES)
    if (this.#begun < this.#mostKept) this.#kept[this.#begun] = this.#chunk
    this.#begun += 1
  }
}
