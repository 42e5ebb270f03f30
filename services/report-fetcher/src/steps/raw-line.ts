import { FlatFileParser, linesOf } from '@backhaul/domain'

/** One line of a document, as archived. */
export interface RawLine {
  readonly header: string
  readonly line: string
}

/** The line of a row by its number, as events name it (A8); null when the document has no such row. */
export async function rawLine(text: AsyncIterable<string>, rowNumber: number): Promise<RawLine | null> {
  let header: string | undefined
  let parser: FlatFileParser | undefined
  for await (const line of linesOf(text)) {
    if (!parser || header === undefined) {
      header = line
      parser = new FlatFileParser(line)
      continue
    }
    const parsed = parser.parse(line)
    if (parsed === null) continue
    const number = 'row' in parsed ? parsed.row.rowNumber : parsed.rowNumber
    if (number === rowNumber) return { header, line }
  }
  return null
}
