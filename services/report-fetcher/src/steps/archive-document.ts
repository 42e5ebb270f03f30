import type { Archive, Archived } from '../adapters/archive.ts'
import type { DocumentReading, DocumentSummary } from '../adapters/document.ts'

/** A document in the archive, and what is in it. */
export interface ArchivedDocument extends Archived {
  readonly summary: DocumentSummary
}

/**
 * Stores the copy of a document, without its buyer columns.
 *
 * @param document Read with copies.
 * @throws Fault as reading does. Nothing is stored then.
 */
export async function archiveDocument(
  archive: Archive,
  document: DocumentReading,
): Promise<ArchivedDocument> {
  async function* copies() {
    for await (const { copy } of document) {
      if (copy !== '') yield copy
    }
  }
  const archived = await archive.store(copies())
  return { ...archived, summary: document.summary() }
}
