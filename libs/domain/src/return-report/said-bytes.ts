import { hash } from 'node:crypto'

/** What stands before a value: the end of the one before and the name, in words of four bytes. */
export interface Label {
  readonly words: Int32Array
  readonly length: number
}

/** @param ascii Letters of one byte. */
function labelOf(ascii: string): Label {
  const bytes = Buffer.alloc(Math.ceil(ascii.length / 4) * 4)
  bytes.write(ascii, 'latin1')
  const words = Int32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readInt32LE(at * 4))
  return { words, length: ascii.length }
}

export const labelled = (name: string): Label => labelOf(`","${name}=`)

/** Written over the end of the value before the first, which is none: both have three letters. */
const BEGIN = '[["'
const END = labelOf('"],')
const END_WITHOUT_FLAGS = labelOf('"],[]]')

/** More than any label takes. */
const MOST_LABEL_BYTES = 256

/**
 * The JSON `[["name=value", …], [flags]]` of a row, written as bytes into a buffer that is used again. Short cells go
 * letter by letter: strings that are joined are copied three times before they are hashed.
 */
export class SaidBytes {
  #bytes = Buffer.allocUnsafeSlow(64 * 1024)
  #words = new DataView(this.#bytes.buffer)

  /** Says a value that is not null, behind what was said. @returns Where it ends. */
  put(label: Label, value: string | null, from: number): number {
    if (value === null) return from
    this.#room(from, value.length)
    return this.#letters(value, this.#label(label, from))
  }

  /** Says a name and a value that belong to no column, as they are. @returns Where they end. */
  putText(text: string, from: number): number {
    this.#room(from, text.length)
    return from + this.#bytes.write(`","${betweenQuotes(text)}`, from)
  }

  /** Hex SHA-256 of what was said up to there, and of flags. */
  digest(flags: readonly string[], to: number): string {
    if (to === 0) return hash('sha256', JSON.stringify([[], flags]))
    return hash('sha256', this.#bytes.subarray(0, this.#ended(flags, to)))
  }

  #ended(flags: readonly string[], from: number): number {
    for (let at = 0; at < BEGIN.length; at++) this.#bytes[at] = BEGIN.charCodeAt(at)
    if (flags.length === 0) return this.#label(END_WITHOUT_FLAGS, from)
    const json = JSON.stringify(flags)
    this.#room(from, json.length)
    const end = this.#label(END, from)
    return end + this.#bytes.write(`${json}]`, end)
  }

  /** Whole words: what is written too much is written over. */
  #label({ words, length }: Label, from: number): number {
    for (let at = 0; at < words.length; at++) this.#words.setInt32(from + at * 4, words[at] as number, true)
    return from + length
  }

  /** Letters, escaped, and runs of plain blanks as one; a text with any that are rarer is left to JSON. */
  #letters(text: string, from: number): number {
    const bytes = this.#bytes
    if (text.length > MOST_SHORT_LETTERS && !NEEDS_CARE.test(text)) return from + bytes.write(text, from)
    let end = from
    let before = 0
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code < 0x80) {
        if (code < BLANK) return this.#withCare(text, from)
        if (code === BLANK && before === BLANK) continue
        if (code === QUOTE || code === BACKSLASH) bytes[end++] = BACKSLASH
        bytes[end++] = code
      } else if (code < 0x800) {
        if (code <= 0xa0) return this.#withCare(text, from)
        bytes[end++] = 0xc0 | (code >> 6)
        bytes[end++] = 0x80 | (code & 0x3f)
      } else {
        if (needsCare(code)) return this.#withCare(text, from)
        bytes[end++] = 0xe0 | (code >> 12)
        bytes[end++] = 0x80 | ((code >> 6) & 0x3f)
        bytes[end++] = 0x80 | (code & 0x3f)
      }
      before = code
    }
    return end
  }

  #withCare(text: string, from: number): number {
    return from + this.#bytes.write(betweenQuotes(foldBlanks(text)), from)
  }

  /** A letter takes up to three bytes, or six where JSON escapes it. */
  #room(from: number, letters: number): void {
    const needed = from + letters * 6 + MOST_LABEL_BYTES
    if (needed <= this.#bytes.length) return
    const bytes = Buffer.allocUnsafeSlow(needed * 2)
    this.#bytes.copy(bytes, 0, 0, from)
    this.#bytes = bytes
    this.#words = new DataView(bytes.buffer)
  }
}

/** A longer text is searched and written at once: below that, a call costs more than its letters. */
const MOST_SHORT_LETTERS = 32

/** What JSON may escape, and blanks that are folded. */
const NEEDS_CARE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /["\\\u0000-\u001f\u0080-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff\ud800-\udfff]| {2}/

const BLANK = 0x20
const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Blanks beyond ASCII, which are folded, and halves of letters, which JSON may escape. */
const needsCare = (code: number): boolean =>
  code === 0x1680 ||
  (code >= 0x2000 && code <= 0x200a) ||
  code === 0x2028 ||
  code === 0x2029 ||
  code === 0x202f ||
  code === 0x205f ||
  code === 0x3000 ||
  code === 0xfeff ||
  (code >= 0xd800 && code <= 0xdfff)

const betweenQuotes = (text: string): string => JSON.stringify(text).slice(1, -1)

/** Runs of blanks as one. */
export const foldBlanks = (text: string): string => text.replaceAll(/\s+/g, ' ')
