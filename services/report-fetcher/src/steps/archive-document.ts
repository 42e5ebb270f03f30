import { documentKind, Fault, FlatFileParser, linesOf } from '@backhaul/domain'
import type { Archive, Archived } from '../adapters/archive.ts'

/** A document in the archive, with the count of its lines below the header. */
export interface ArchivedDocument extends Archived {
  readonly rows: number
}

/**
 * Rows are gathered in memory and published in one transaction, which Kafka ends after 10 s: 100,000 rows took 12 s in all
 * and 700 MB on two cores. Real reports have some ten thousand at most.
 */
const MOST_ROWS = 50_000

/**
 * Stores a document without its buyer columns.
 *
 * @throws Fault `DOCUMENT_NOT_RETURNS`, saying what it looks like; `DOCUMENT_TOO_LARGE`. Nothing is stored then.
 */
export async function archiveDocument(
  archive: Archive,
  text: AsyncIterable<string>,
): Promise<ArchivedDocument> {
  let rows = -1
  async function* counted() {
    for await (const line of redactedLines(text)) {
      rows += 1
      if (rows > MOST_ROWS) {
        throw new Fault(
          'DOCUMENT_TOO_LARGE',
          `The document has more than ${MOST_ROWS} rows: split it by days`,
        )
      }
      yield line
    }
  }
  const archived = await archive.store(counted())
  return { ...archived, rows }
}

async function* redactedLines(text: AsyncIterable<string>): AsyncGenerator<string> {
  let parser: FlatFileParser | undefined
  for await (const line of linesOf(text)) {
    if (!parser) {
      checkHeader(line)
      parser = new FlatFileParser(line)
    }
    yield parser.redact(line)
  }
  if (!parser) checkHeader('')
}

function checkHeader(header: string): void {
  const kind = documentKind(header)
  if (kind.returns) return
  const message = `This looks like ${kind.looksLike}, not like a returns report: a table separated by tabs, with the columns Order ID, Return request date and Merchant SKU`
  throw new Fault('DOCUMENT_NOT_RETURNS', message)
}
