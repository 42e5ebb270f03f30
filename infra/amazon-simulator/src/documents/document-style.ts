import type { LayoutName } from './layouts.ts'

/** What a report's document says in place of the seller's returns. */
export type DocumentContent =
  | 'returns'
  | 'another-seller'
  | 'fba-returns'
  | 'orders'
  | 'html'
  | 'header-only'
  | 'empty'
  | 'random-bytes'

/** How a document is written; what is left out is as Amazon usually does it in the marketplace. */
export interface DocumentStyle {
  readonly content?: DocumentContent | undefined
  readonly layout?: LayoutName | undefined
  readonly reordered?: boolean | undefined
  readonly blank?: 'space' | 'nothing' | undefined
  readonly lineEnd?: 'lf' | 'crlf' | undefined
  readonly decimal?: 'dot' | 'comma' | undefined
  readonly dates?: 'month-name' | 'iso' | undefined
  readonly yesNo?: 'letter' | 'word' | 'boolean' | undefined
  /** `stray` leaves the quotes of item names as they are; `csv` quotes them; `line-breaks` also puts breaks into them. */
  readonly quotes?: 'stray' | 'csv' | 'line-breaks' | undefined
  /** Each row (in XML: each item) twice. */
  readonly duplicates?: boolean | undefined
  /** Leaves out the blank cells at the end of rows. */
  readonly shortRows?: boolean | undefined
  /** The header comes again after every so many rows. */
  readonly headerEvery?: number | undefined
  /** Charset of the bytes. */
  readonly charset?: string | undefined
  /** Charset that `Content-Type` names; null names none. */
  readonly declaredCharset?: string | null | undefined
  readonly byteOrderMark?: boolean | undefined
  readonly gzip?: boolean | undefined
  /** What `compressionAlgorithm` says, true or not. */
  readonly declaredGzip?: boolean | undefined
  /** An address in place of the simulator's own, to see that it is refused. */
  readonly address?: string | undefined
}

/** A document as it lies at its address. */
export interface StoredDocument {
  readonly bytes: Buffer
  /** Charset of the `Content-Type`; null leaves it out. */
  readonly charset: string | null
  /** What `compressionAlgorithm` says. */
  readonly gzip: boolean
  readonly address?: string | undefined
}
