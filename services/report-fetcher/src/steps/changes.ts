import type { DocumentRow } from '@backhaul/domain'
import type { Archive } from '../adapters/archive.ts'
import { readDocument } from '../adapters/document.ts'
import type { RowVersion } from '../adapters/document-index.ts'

/** What one version of a row says otherwise than the one before. */
export interface Change {
  readonly column: string
  readonly before: string | null
  readonly after: string | null
}

/** D11: what each version changed; those of new rows changed nothing. @param versions Oldest first. */
export async function changesOf(
  archive: Archive,
  versions: readonly RowVersion[],
): Promise<readonly (readonly Change[])[]> {
  const rows = new Map<string, DocumentRow>()
  const byRun = Map.groupBy(versions, (v) => v.run.id)
  for (const ofRun of byRun.values()) await collect(archive, ofRun, rows)
  const before = new Map<string, DocumentRow>()
  return versions.map((version) => {
    const row = rows.get(keyOf(version))
    const earlier = before.get(version.rowId)
    if (row) before.set(version.rowId, row)
    return row && earlier ? differences(earlier, row) : []
  })
}

const keyOf = ({ run, rowNumber }: RowVersion) => `${run.id} ${rowNumber}`

async function collect(
  archive: Archive,
  versions: readonly RowVersion[],
  rows: Map<string, DocumentRow>,
): Promise<void> {
  const [first] = versions
  if (!first?.run.documentSha256) return
  const wanted = new Set(versions.map((v) => v.rowNumber))
  const document = readDocument(archive.read(first.run.documentSha256), { ...first.run, charset: 'utf-8' })
  for await (const piece of document) {
    for (const row of piece.rows) {
      if (!wanted.delete(row.rowNumber)) continue
      rows.set(`${first.run.id} ${row.rowNumber}`, row)
      if (wanted.size === 0) return
    }
  }
}

function differences(earlier: DocumentRow, row: DocumentRow): Change[] {
  const cells = (of: DocumentRow): Record<string, string | null> => ({ ...of.extra, ...of.cells })
  const [was, is] = [cells(earlier), cells(row)]
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((column) => {
    const [before, after] = [was[column] ?? null, is[column] ?? null]
    return before === after ? [] : [{ column, before, after }]
  })
}
