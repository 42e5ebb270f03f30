import { Fault } from '@backhaul/domain'
import { type DocumentHints, type DocumentSummary, readDocument } from '../src/adapters/document.ts'

const HINTS: DocumentHints = { charset: null, sellerId: 'A0SELLER', marketplaceId: 'A1PA6795UKMFR9' }

/** Longer than any input may take: it hangs. */
const MOST_MS = 5_000

interface Read {
  readonly rows: string[]
  readonly copy: string
  readonly summary: DocumentSummary
}

/**
 * Holds one input against what must be true of every input: it is refused with a code of documents, or each of its rows is
 * told once; pieces cut elsewhere and the copy for the archive say the same.
 *
 * @param size Bytes of a piece.
 * @returns The rows, or -1 for a document that is refused.
 * @throws Error that says what does not hold.
 */
export async function checkDocument(input: Uint8Array, size: number, hints = HINTS): Promise<number> {
  const began = performance.now()
  const read = await readOrRefuse(input, size, hints)
  const again = await readOrRefuse(input, input.length || 1, hints)
  if (typeof read === 'string' || typeof again === 'string') {
    // Which of several reasons is met first may depend on the pieces.
    if (typeof read !== typeof again) throw new Error(`cut elsewhere: ${told(read)}, then ${told(again)}`)
    return -1
  }
  expectSame('cut elsewhere', read, again)
  const copied = await readOrRefuse(Buffer.from(read.copy), size, hints)
  if (typeof copied === 'string') throw new Error(`the copy is refused: ${copied}`)
  expectSame('the copy', read, copied)
  if (copied.copy !== read.copy) throw new Error('the copy of the copy is another')
  if (performance.now() - began > MOST_MS) throw new Error('takes too long')
  return read.summary.rowsInDocument
}

const told = (read: Read | string) => (typeof read === 'string' ? read : `${read.rows.length} rows`)

function expectSame(what: string, a: Read, b: Read): void {
  const at = a.rows.findIndex((row, n) => row !== b.rows[n])
  if (a.rows.length !== b.rows.length || at >= 0)
    throw new Error(
      `${what}: ${a.rows.length} rows and ${b.rows.length}, row ${at + 1}:\n${a.rows[at]}\n${b.rows[at]}`,
    )
}

async function readOrRefuse(input: Uint8Array, size: number, hints: DocumentHints): Promise<Read | string> {
  try {
    return await read(input, size, hints)
  } catch (error) {
    if (error instanceof Fault && error.code.startsWith('DOCUMENT_')) return error.code
    throw error
  }
}

async function read(input: Uint8Array, size: number, hints: DocumentHints): Promise<Read> {
  const document = readDocument(piecesOf(input, size), hints, { copies: true })
  const rows: string[] = []
  let copy = ''
  const take = (rowNumber: number, text: string) => {
    if (rows[rowNumber - 1] !== undefined) throw new Error(`row ${rowNumber} is told twice`)
    rows[rowNumber - 1] = text
  }
  for await (const batch of document) {
    for (const row of batch.rows) take(row.rowNumber, JSON.stringify(row))
    for (const { rowNumber, reason } of [...batch.rejected, ...batch.skipped]) take(rowNumber, reason)
    copy += batch.copy
  }
  const summary = document.summary()
  if (rows.length !== summary.rowsInDocument || Object.keys(rows).length !== rows.length)
    throw new Error(`${summary.rowsInDocument} rows, of which ${Object.keys(rows).length} are told`)
  return { rows, copy, summary }
}

async function* piecesOf(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
