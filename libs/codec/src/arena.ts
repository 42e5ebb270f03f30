import type { RecordFormat } from './record-format.ts'

const CHUNK_BYTES = 256 * 1024
/** What a cleared arena keeps: what a transaction takes as a rule. */
const MOST_KEPT_CHUNKS = 64

/**
 * Large pieces of memory in which values stand one behind the other: no buffer and no copy for each. Cleared, it begins anew in
 * the memory that it has. Memory that is only let go of makes the garbage collector go through the whole heap, each 64 MiB.
 */
export class Arena {
  readonly #chunks: Buffer[] = []
  /** Number of chunks in use; the last of them is being filled. */
  #inUse = 0
  #chunk: Buffer = Buffer.alloc(0)
  #used = 0

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
    this.#chunks.length = Math.min(this.#chunks.length, MOST_KEPT_CHUNKS)
    this.#inUse = 0
    this.#chunk = Buffer.alloc(0)
    this.#used = 0
  }

  #begin(atLeastBytes: number): void {
    const kept = this.#chunks[this.#inUse]
    this.#chunk =
      kept && kept.length >= atLeastBytes ? kept : Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, atLeastBytes))
    this.#chunks[this.#inUse] = this.#chunk
    this.#inUse += 1
    this.#used = 0
  }
}
