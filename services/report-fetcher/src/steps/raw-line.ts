import type { Owner } from '@backhaul/domain'
import { readerOf } from '../adapters/document.ts'
import { decoded } from '../adapters/document-text.ts'

/** One line of a document, as archived. */
export interface RawLine {
  /** The columns above it; blank in XML. */
  readonly header: string
  readonly line: string
}

/**
 * The line of a row by its number, as events name it (A8); null when the document has no such row. In XML it is the whole
 * return, which may hold more rows.
 *
 * @param archived The copy in the archive.
 */
export async function rawLine(
  archived: AsyncIterable<Uint8Array>,
  owner: Owner,
  rowNumber: number,
): Promise<RawLine | null> {
  let reader: ReturnType<typeof readerOf> | undefined
  let header = ''
  for await (const line of linesOf(decoded(archived, { charset: 'utf-8', ...owner }))) {
    reader ??= readerOf(line, owner, true)
    const { rows, rejected, skipped, copy } = reader.read(line)
    const found = [...rows, ...rejected, ...skipped].map((row) => row.rowNumber)
    if (found.includes(rowNumber)) return { header, line: copy.trimEnd() }
    if (found.length === 0 && copy !== '' && reader.layout().format === 'flat file') header = copy.trimEnd()
  }
  return null
}

/** Lines with their ends. */
async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of text) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop() as string
    for (const line of lines) yield `${line}\n`
  }
  if (rest !== '') yield `${rest}\n`
}
