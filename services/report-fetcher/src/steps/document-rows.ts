import { FlatFileParser, linesOf, type ParsedRow } from '@backhaul/domain'

/** The rows of an archived document, in its order, those that cannot be read with their fault. */
export async function* documentRows(text: AsyncIterable<string>): AsyncGenerator<ParsedRow> {
  let parser: FlatFileParser | undefined
  for await (const line of linesOf(text)) {
    if (!parser) {
      parser = new FlatFileParser(line)
      continue
    }
    const parsed = parser.parse(line)
    if (parsed !== null) yield parsed
  }
}
