import type { Archive, Archived } from '../adapters/archive.ts'
import type { DocumentReading, DocumentSummary } from '../adapters/document.ts'

/** A document in the archive, and what is in it. */
export interface ArchivedDocument extends Archived {
  readonly summary: DocumentSummary
  /** Some of its orders. */
  readonly orders: readonly string[]
}

/** As many orders as tell whose document it is. */
const MOST_ORDERS = 500

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
  const orders = new Set<string>()
  async function* copies() {
    for await (const { rows, copy } of document) {
      for (const { orderReference } of orders.size < MOST_ORDERS ? rows : []) orders.add(orderReference)
      if (copy !== '') yield copy
    }
  }
  const archived = await archive.store(copies())
  return { ...archived, summary: document.summary(), orders: [...orders].slice(0, MOST_ORDERS) }
}
