import { documentKind, Fault, FlatFileParser, linesOf } from '@backhaul/domain'
import type { Archive, Archived } from '../adapters/archive.ts'

/**
 * Stores a document without its buyer columns.
 *
 * @throws Fault `DOCUMENT_NOT_RETURNS`, saying what it looks like; nothing is stored then.
 */
export async function archiveDocument(archive: Archive, text: AsyncIterable<string>): Promise<Archived> {
  return archive.store(redactedLines(text))
}

async function* redactedLines(text: AsyncIterable<string>): AsyncGenerator<string> {
  let parser: FlatFileParser | undefined
  for await (const line of linesOf(text)) {
    if (!parser) {
      const header = line.replace(/^\uFEFF/, '')
      checkHeader(header)
      parser = new FlatFileParser(header)
      yield parser.redact(header)
    } else {
      yield parser.redact(line)
    }
  }
  if (!parser) checkHeader('')
}

function checkHeader(header: string): void {
  const kind = documentKind(header)
  if (kind.returns) return
  const message = `This looks like ${kind.looksLike}, not like a returns report: upload the file of Reports > Return Reports`
  throw new Fault('DOCUMENT_NOT_RETURNS', message)
}
