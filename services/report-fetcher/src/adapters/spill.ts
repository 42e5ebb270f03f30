import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { type DocumentRow, Fault } from '@backhaul/domain'

/** Text of one piece of a document, on average: some 2,500 rows, which Kafka and Postgres take within a second. */
const CHUNK_BYTES = 1024 ** 2
/** A piece is held in memory whole. Only a document that is mostly of one order makes a greater one. */
const MOST_CHUNK_BYTES = 64 * 1024 ** 2
/** What waits in memory to be written of each piece: of the 1,000 pieces of a gigabyte, 16 MB. */
const HELD_BYTES = 16 * 1024

/** Folders that a killed process leaves behind begin so; nobody can read what is in them. */
export const SPILL_PREFIX = 'backhaul-rows-'

const ALGORITHM = 'aes-256-ctr'

/** Pieces of a document of so many bytes; the same whenever it is read. */
export const chunksOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / CHUNK_BYTES))

/** What is kept of a row: its cells by place. */
type Kept = readonly [
  rowNumber: number,
  orderReference: string,
  cells: (string | null)[],
  extra: DocumentRow['extra'],
]

/**
 * Rows of a document in pieces that fit into memory, all rows of an order in one. Pieces are files of their own, encrypted
 * by a key that only this process has; a single piece stays in memory.
 */
export class Spill {
  readonly chunks: number
  readonly #folder: string | null
  readonly #key = randomBytes(32)
  readonly #ciphers: ReturnType<typeof createCipheriv>[]
  readonly #held: Buffer[]
  readonly #heldBytes: number[]
  readonly #bytes: number[]
  readonly #rows: DocumentRow[] = []
  /** Those of the first row. */
  #cells: DocumentRow['cells'] | undefined
  #names: string[] = []

  private constructor(chunks: number, folder: string | null) {
    this.chunks = chunks
    this.#folder = folder
    this.#held = Array.from({ length: folder ? chunks : 0 }, () => Buffer.allocUnsafeSlow(HELD_BYTES))
    this.#heldBytes = Array(chunks).fill(0)
    this.#bytes = Array(chunks).fill(0)
    this.#ciphers = Array.from({ length: folder ? chunks : 0 }, (_, n) =>
      createCipheriv(ALGORITHM, this.#key, nonceOf(n)),
    )
  }

  static async open(chunks: number): Promise<Spill> {
    return new Spill(chunks, chunks > 1 ? await mkdtemp(join(tmpdir(), SPILL_PREFIX)) : null)
  }

  /** @throws Fault `DOCUMENT_TOO_LARGE` when one piece outgrows the memory: most rows are of one order. */
  add(row: DocumentRow): Promise<void> | void {
    if (!this.#folder) return void this.#rows.push(row)
    if (!this.#cells) {
      this.#cells = row.cells
      this.#names = Object.keys(row.cells)
    }
    const cells = this.#names.map((name) => row.cells[name as keyof typeof row.cells])
    const kept: Kept = [row.rowNumber, row.orderReference, cells, row.extra]
    const chunk = crc32(row.orderReference) % this.chunks
    const line = `${JSON.stringify(kept)}\n`
    const isFull = (this.#heldBytes[chunk] as number) + Buffer.byteLength(line) > HELD_BYTES
    if (isFull) return this.#addToFull(chunk, line)
    this.#hold(chunk, line)
  }

  /** The rows of a piece, in the order of the document. Call it once all rows were added. */
  async rows(chunk: number): Promise<DocumentRow[]> {
    if (!this.#folder) return this.#rows
    await this.#writeHeld(chunk)
    const bytes = await readFile(this.#path(chunk))
    const text = createDecipheriv(ALGORITHM, this.#key, nonceOf(chunk)).update(bytes).toString('utf8')
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => this.#restored(JSON.parse(line)))
  }

  async close(): Promise<void> {
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true })
  }

  #hold(chunk: number, line: string): void {
    const from = this.#heldBytes[chunk] as number
    this.#heldBytes[chunk] = from + (this.#held[chunk] as Buffer).write(line, from)
  }

  async #addToFull(chunk: number, line: string): Promise<void> {
    await this.#writeHeld(chunk)
    if (Buffer.byteLength(line) > HELD_BYTES) await this.#write(chunk, Buffer.from(line))
    else this.#hold(chunk, line)
  }

  async #writeHeld(chunk: number): Promise<void> {
    const bytes = (this.#held[chunk] as Buffer).subarray(0, this.#heldBytes[chunk])
    this.#heldBytes[chunk] = 0
    await this.#write(chunk, bytes)
  }

  async #write(chunk: number, bytes: Buffer): Promise<void> {
    const total = (this.#bytes[chunk] as number) + bytes.length
    this.#bytes[chunk] = total
    if (total > MOST_CHUNK_BYTES)
      throw new Fault(
        'DOCUMENT_TOO_LARGE',
        'The document holds too many rows of one order: no returns report',
      )
    const encrypted = this.#ciphers[chunk]?.update(bytes) ?? bytes
    try {
      await appendFile(this.#path(chunk), encrypted)
    } catch (cause) {
      throw new Fault('ARCHIVE_UNAVAILABLE', 'Rows cannot be kept on the disk for temporary files now', {
        retryable: true,
        cause,
      })
    }
  }

  #restored([rowNumber, orderReference, values, extra]: Kept): DocumentRow {
    // A copy keeps the shape of the rows that were read; one that grows name by name is slow to make and to read.
    const cells: Record<string, string | null> = { ...this.#cells }
    for (let at = 0; at < values.length; at++) cells[this.#names[at] as string] = values[at] ?? null
    return { rowNumber, orderReference, cells: cells as DocumentRow['cells'], extra }
  }

  #path(chunk: number): string {
    return join(this.#folder as string, String(chunk))
  }
}

function nonceOf(chunk: number): Buffer {
  const nonce = Buffer.alloc(16)
  nonce.writeUInt32BE(chunk)
  return nonce
}
