import { isAscii, isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'
import { Fault } from '@backhaul/domain'

/** What is known of a document's letters before it is read. */
export interface CharsetHints {
  /** Charset of the download's `Content-Type`; null when it had none. */
  readonly charset: string | null
  /** Marketplace whose documents these are. */
  readonly marketplaceId: string
}

/** Names that Amazon's programs use and the encoding standard does not know. */
const NAMES: Readonly<Record<string, string>> = {
  cp932: 'shift_jis',
  ms932: 'shift_jis',
  utf8: 'utf-8',
  'iso8859-1': 'windows-1252',
}

/** What documents of a marketplace are in that are not in UTF-8 and name nothing; windows-1252 elsewhere. */
const OF_MARKETPLACE: Readonly<Record<string, string>> = {
  A1VC38T7YXB528: 'shift_jis',
  A33AVAJ2PDY3EV: 'windows-1254',
}

/** One letter of UTF-8 beyond ASCII, in bytes seen as Latin-1. */
const UTF8_LETTER =
  /[\u00c2-\u00df][\u0080-\u00bf]|[\u00e0-\u00ef][\u0080-\u00bf]{2}|[\u00f0-\u00f4][\u0080-\u00bf]{3}/
const LONG_UTF8_LETTER = /[\u00e0-\u00ef][\u0080-\u00bf]{2}|[\u00f0-\u00f4][\u0080-\u00bf]{3}/
/** Three kana of Shift-JIS in a row, in bytes seen as Latin-1; in windows-1252 they would be `‚Ÿ‚¡‚£` or `ƒAƒBƒC`. */
const KANA = /(?:\u0082[\u009f-\u00f1]|\u0083[\u0040-\u0096]){3}/
/** Bytes that windows-1252 has no letter for. */
const NOT_1252 = /[\u0081\u008d\u008f\u0090\u009d]/

/** Stands in a line for bytes that are of no charset: the row is rejected for it, whatever else it says. */
const NO_LETTER = '\u0000'

/** A greater share of bytes in lines that nobody can read: this is no text, or another charset. */
const MOST_UNREADABLE_SHARE = 0.2

/**
 * Decodes whole lines, each by what its bytes are: what can be UTF-8 is UTF-8, whatever was said of it; all else is in one
 * legacy charset a document, the one that was named, or Shift-JIS where it shows kana or comes from Japan, windows-1254
 * where it comes from Turkey, or else windows-1252, which holds all of Latin-1. So a wrong name does no harm.
 *
 * No letter is ever replaced: a line with bytes of no charset is marked, and its row rejected.
 */
export class LineDecoder {
  #legacy: TextDecoder
  #isNamed: boolean
  readonly #found = new Set<string>()
  #legacyLines = 0
  #bytes = 0
  #unreadableBytes = 0

  constructor({ charset, marketplaceId }: CharsetHints) {
    const named = charset === null ? null : decoderOf(charset)
    this.#isNamed = named !== null && named.encoding !== 'utf-8'
    this.#legacy =
      named && this.#isNamed
        ? named
        : (decoderOf(OF_MARKETPLACE[marketplaceId] ?? 'windows-1252') as TextDecoder)
  }

  /** Charsets that were found in letters beyond ASCII. */
  get found(): readonly string[] {
    return [...this.#found]
  }

  /**
   * The text, split at its line feeds. A line of its own is half as long in memory as one of a long text, of which a single
   * letter beyond Latin-1 doubles all others.
   */
  decode(lines: Buffer): string[] {
    this.#bytes += lines.length
    if (isAscii(lines)) return lines.toString('latin1').split('\n')
    const mayBeKana = this.#legacy.encoding === 'shift_jis' && !this.#found.has('utf-8')
    if (!mayBeKana && isUtf8(lines)) {
      this.#found.add('utf-8')
      return linesOfUtf8(lines)
    }
    const letters = lines.toString('latin1')
    if (this.#isPlain1252(letters)) {
      this.#noteLegacy()
      return this.#legacy.decode(lines).split('\n')
    }
    let text = ''
    for (let from = 0; from < lines.length; ) {
      const to = endOfLine(lines, from)
      text += this.#decodeLine(lines.subarray(from, to))
      from = to
    }
    return text.split('\n')
  }

  /** @throws Fault `DOCUMENT_UNREADABLE` when over a fifth of the document is in lines that nobody can read. */
  end(): void {
    if (this.#unreadableBytes > this.#bytes * MOST_UNREADABLE_SHARE)
      throw new Fault(
        'DOCUMENT_UNREADABLE',
        `The document holds bytes that are not ${this.#found.has('utf-8') ? 'utf-8' : this.#legacy.encoding}: save it as UTF-8`,
      )
  }

  #decodeLine(line: Buffer): string {
    if (isAscii(line)) return line.toString('latin1')
    if (isUtf8(line) && this.#isUtf8(line)) return line.toString('utf8')
    const letters = line.toString('latin1')
    if (this.#looksJapanese(line, letters)) this.#legacy = decoderOf('shift_jis') as TextDecoder
    else if (this.#isBrokenUtf8(letters)) {
      this.#found.add('utf-8')
      return this.#unreadable(line)
    }
    const text = tryDecode(this.#legacy, line)
    if (text !== null) {
      this.#noteLegacy()
      return text
    }
    if (this.#legacyLines > 0 || this.#isNamed) return this.#unreadable(line)
    // Said to be in another by its marketplace alone.
    this.#legacy = decoderOf('windows-1252') as TextDecoder
    this.#noteLegacy()
    return this.#legacy.decode(line)
  }

  #isUtf8(bytes: Buffer): boolean {
    // Two half-width kana of Shift-JIS may look like one letter of UTF-8; Japanese letters of UTF-8 take three bytes.
    const isUtf8 =
      this.#legacy.encoding !== 'shift_jis' ||
      this.#found.has('utf-8') ||
      LONG_UTF8_LETTER.test(bytes.toString('latin1'))
    if (isUtf8) this.#found.add('utf-8')
    return isUtf8
  }

  /**
   * In a document of UTF-8 a line that is none is broken, not of another charset: it would be read with wrong letters. Where a
   * legacy charset was named, or seen before, it is broken only if it holds a letter of UTF-8.
   */
  #isBrokenUtf8(letters: string): boolean {
    if (this.#legacyLines > 0) return false
    const isUtf8Document = this.#found.has('utf-8')
    return UTF8_LETTER.test(letters) ? isUtf8Document || !this.#isNamed : isUtf8Document && !this.#isNamed
  }

  /** Whole pieces of a European document are decoded at once. */
  #isPlain1252(letters: string): boolean {
    return (
      this.#legacy.encoding === 'windows-1252' &&
      !this.#isBrokenUtf8(letters) &&
      !UTF8_LETTER.test(letters) &&
      !KANA.test(letters) &&
      !NOT_1252.test(letters)
    )
  }

  #looksJapanese(line: Buffer, letters: string): boolean {
    if (this.#legacy.encoding !== 'windows-1252') return false
    const hints = KANA.test(letters) || (NOT_1252.test(letters) && !this.#found.has('utf-8'))
    return hints && tryDecode(decoderOf('shift_jis') as TextDecoder, line) !== null
  }

  #noteLegacy(): void {
    this.#legacyLines += 1
    this.#found.add(this.#legacy.encoding)
  }

  #unreadable(line: Buffer): string {
    this.#unreadableBytes += line.length
    return line.toString('utf8').replaceAll('\uFFFD', NO_LETTER)
  }
}

function linesOfUtf8(bytes: Buffer): string[] {
  const lines: string[] = []
  let from = 0
  for (let to = bytes.indexOf(LINE_FEED); to >= 0; to = bytes.indexOf(LINE_FEED, from)) {
    lines.push(bytes.toString('utf8', from, to))
    from = to + 1
  }
  lines.push(bytes.toString('utf8', from))
  return lines
}

const LINE_FEED = 0x0a

/** Behind the line feed or carriage return that comes next. */
function endOfLine(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at++) if (bytes[at] === 0x0a || bytes[at] === 0x0d) return at + 1
  return bytes.length
}

/** Null for a name that no charset has, or one that is told by its bytes alone. */
function decoderOf(charset: string): TextDecoder | null {
  const name = charset.trim().replaceAll(/["']/g, '').toLowerCase()
  for (const label of [NAMES[name], name, NAMES[name.replaceAll('_', '-')], name.replaceAll('_', '-')]) {
    if (label === undefined) continue
    try {
      const decoder = new TextDecoder(label, { fatal: true, ignoreBOM: true })
      return decoder.encoding.startsWith('utf-16') ? null : decoder
    } catch {
      // The next spelling.
    }
  }
  return null
}

function tryDecode(decoder: TextDecoder, bytes: Buffer): string | null {
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}
