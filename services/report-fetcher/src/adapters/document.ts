import {
  FlatFileReader,
  type Layout,
  type Owner,
  type RejectedRow,
  type RowFault,
  type RowReader,
  type RowSkip,
  type RowsOfPiece,
} from '@backhaul/domain'
import { decodedLines, unpacked } from './document-text.ts'
import { XmlDocumentReader } from './xml-document.ts'

/** What is known of a document before it is read. */
export interface DocumentHints extends Owner {
  /** Charset of the download's `Content-Type`; null when it had none. */
  readonly charset: string | null
}

/** What was read of a piece of a document, in the order of the document. */
export type DocumentBatch = RowsOfPiece

/** What a document is and what its rows became, once it was read to its end. */
export interface DocumentSummary extends Layout {
  /** Charsets of letters beyond ASCII. */
  readonly charsets: readonly string[]
  /** All rows: those read, those rejected and those skipped. */
  readonly rowsInDocument: number
  readonly rejected: Readonly<Partial<Record<RowFault, number>>>
  readonly skipped: Readonly<Partial<Record<RowSkip, number>>>
  /** The first of the rejected rows. */
  readonly rejectedRows: readonly RejectedRow[]
}

/** The reader of a document that begins so. */
export const readerOf = (text: string, owner: Owner, copies: boolean): RowReader =>
  text.trimStart().startsWith('<') ? new XmlDocumentReader(owner, copies) : new FlatFileReader(owner, copies)

/** How many rejected rows are told one by one. */
export const MOST_TOLD = 20

/** Blank lines and blanks before the first letter. A tab there stands behind a blank header, as of row numbers. */
const BLANK_BEGIN = /^(?:\s*[\r\n])?[^\S\t]*/

/** A document that is being read. */
export interface DocumentReading extends AsyncIterable<DocumentBatch> {
  /** What was found so far; all of it once the batches have ended. */
  summary(): DocumentSummary
}

/**
 * Reads a document of returns, flat file or XML, packed or not, in whatever charset, as a stream: memory does not grow with
 * its length. Reading the same bytes again gives the same batches' rows, and so does reading the copy.
 *
 * @param body The bytes, as they come from Amazon, from an upload or from the archive.
 * @param copies True when batches shall carry the text that may be archived: the pieces in order make the copy (A9).
 * @throws Fault, while reading: `DOCUMENT_NOT_RETURNS`, which says what the document looks like; `DOCUMENT_UNREADABLE`;
 * `DOCUMENT_OF_OTHER_SELLER`. Nothing of the document may then be published.
 */
export function readDocument(
  body: AsyncIterable<Uint8Array>,
  hints: DocumentHints,
  { copies = false }: { copies?: boolean } = {},
): DocumentReading {
  const rejected: Partial<Record<RowFault, number>> = {}
  const skipped: Partial<Record<RowSkip, number>> = {}
  const rejectedRows: RejectedRow[] = []
  let rowsInDocument = 0
  let charsets: readonly string[] = []
  let reader: RowReader | undefined

  function counted(batch: DocumentBatch): DocumentBatch {
    rowsInDocument += batch.rows.length + batch.rejected.length + batch.skipped.length
    for (const row of batch.rejected) {
      rejected[row.reason] = (rejected[row.reason] ?? 0) + 1
      if (rejectedRows.length < MOST_TOLD) rejectedRows.push(row)
    }
    for (const { reason } of batch.skipped) skipped[reason] = (skipped[reason] ?? 0) + 1
    return batch
  }

  async function* batches(): AsyncGenerator<DocumentBatch> {
    let head = ''
    const text = decodedLines(unpacked(body), hints, (found) => {
      charsets = found
    })
    for await (const lines of text) {
      if (reader) {
        yield counted(reader.readLines(lines))
        continue
      }
      head = (head + lines.join('\n')).replace(BLANK_BEGIN, '')
      if (head.trim() === '') continue
      reader = readerOf(head, hints, copies)
      yield counted(reader.read(head))
    }
    reader ??= readerOf('', hints, copies)
    yield counted(reader.end())
  }

  return {
    [Symbol.asyncIterator]: batches,
    summary: () => ({
      ...(reader ?? readerOf('', hints, false)).layout(),
      charsets,
      rowsInDocument,
      rejected: { ...rejected },
      skipped: { ...skipped },
      rejectedRows: [...rejectedRows],
    }),
  }
}
