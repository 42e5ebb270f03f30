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

/** Where a row stands: a run, and the row's number in its document. */
export const placeOf = (reportRunId: string, rowNumber: number): string => `${reportRunId} ${rowNumber}`

/**
 * D11: what the versions of some runs changed, by place; those of new rows changed nothing, and are not told.
 *
 * @param versions All of some rows, in the order in which they were published.
 */
export async function changesOf(
  archive: Archive,
  versions: readonly RowVersion[],
  reportRunIds: ReadonlySet<string>,
): Promise<Map<string, readonly Change[]>> {
  const ofRow = Map.groupBy(versions, (v) => v.rowId)
  const pairs = [...ofRow.values()].flatMap((all) =>
    all
      .map((version, n) => ({ version, earlier: all[n - 1] }))
      .filter(({ version, earlier }) => earlier && reportRunIds.has(version.run.id)),
  ) as { version: RowVersion; earlier: RowVersion }[]
  const wanted = new Set(pairs.flatMap(({ version, earlier }) => [version, earlier]))
  const rows = new Map<string, DocumentRow>()
  for (const ofRun of Map.groupBy(wanted, (v) => v.run.id).values()) await collect(archive, ofRun, rows)
  const rowOf = ({ run, rowNumber }: RowVersion) => rows.get(placeOf(run.id, rowNumber))
  return new Map(
    pairs.map(({ version, earlier }) => {
      const [was, is] = [rowOf(earlier), rowOf(version)]
      return [placeOf(version.run.id, version.rowNumber), was && is ? differences(was, is) : []]
    }),
  )
}

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
      rows.set(placeOf(first.run.id, row.rowNumber), row)
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
