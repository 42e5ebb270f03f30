import { createHash } from 'node:crypto'
import type { DocumentRow } from './document-row.ts'

/** Hex digest of what a row says: independent of the order of columns, of blanks and of its place in the document. */
export function rowDigest(
  { cells, extra }: Pick<DocumentRow, 'cells' | 'extra'>,
  flags: readonly string[],
): string {
  const said = [
    ...Object.entries(cells),
    ...Object.entries(extra).map(([name, value]) => [`extra.${name}`, value]),
  ]
  const text = said
    .filter(([, value]) => value !== null)
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
    .map(([name, value]) => `${name}=${String(value).replaceAll(/\s+/g, ' ')}`)
  return createHash('sha256')
    .update(JSON.stringify([text, [...flags].sort()]))
    .digest('hex')
}
