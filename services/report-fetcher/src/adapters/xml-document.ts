import { Fault, type Layout, type Owner, type RowReader, type RowsOfPiece, XmlReader } from '@backhaul/domain'
import { Parser } from 'htmlparser2'

/** Letters without any element or text among them: a tag or a comment that long is no report's, and fills the memory. */
const MOST_LETTERS_OF_NOTHING = 1024 * 1024

/**
 * Reads an XML returns report through htmlparser2, which forgives what a document may have wrong (a bare `&`, an unknown
 * entity), expands no entities of the document's own, and tells where it had to close an element by itself.
 */
export class XmlDocumentReader implements RowReader {
  readonly #rows: XmlReader
  readonly #parser: Parser
  #lettersOfNothing = 0
  #openedAt = -1

  constructor(owner: Owner, copies: boolean) {
    const rows = new XmlReader(owner, copies)
    const heard = () => {
      this.#lettersOfNothing = 0
    }
    this.#rows = rows
    this.#parser = new Parser(
      {
        onopentagname: (name) => {
          heard()
          this.#openedAt = this.#parser.startIndex
          rows.opened(name)
        },
        ontext: (text) => {
          heard()
          rows.text(text)
        },
        onclosetag: (name, isImplied) => {
          heard()
          // `<name/>` counts as implied there; the parser is then still at the tag that it opened.
          rows.closed(name, isImplied && this.#parser.startIndex !== this.#openedAt)
        },
      },
      { xmlMode: true },
    )
  }

  layout(): Layout {
    return this.#rows.layout()
  }

  read(text: string): RowsOfPiece {
    this.#lettersOfNothing += text.length
    this.#parser.write(text)
    if (this.#lettersOfNothing > MOST_LETTERS_OF_NOTHING)
      throw new Fault('DOCUMENT_UNREADABLE', 'The XML document has a tag or a comment without an end')
    return this.#rows.take()
  }

  readLines(lines: readonly string[]): RowsOfPiece {
    return this.read(lines.join('\n'))
  }

  end(): RowsOfPiece {
    this.#parser.end()
    return this.#rows.end()
  }
}
