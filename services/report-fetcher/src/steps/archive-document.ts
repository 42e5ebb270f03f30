import { documentKind, Fault, FlatFileParser, linesOf } from '@backhaul/domain'
import type { Archive, Archived } from '../adapters/archive.ts'

/** A document in the archive, with the count of its lines below the header. */
export interface ArchivedDocument extends Archived {
  readonly rows: number
}

/**
 * Stores a document without its buyer columns.
 *
 * @throws Fault `DOCUMENT_NOT_RETURNS`, saying what it looks like. Nothing is stored then.
 */
export async function archiveDocument(
  archive: Archive,
  text: AsyncIterable<string>,
): Promise<ArchivedDocument> {
  let rows = -1
  async function* counted() {
    for await (const line of redactedLines(text)) {
      rows += 1
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
