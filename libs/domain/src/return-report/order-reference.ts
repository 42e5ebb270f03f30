const DASH = 0x2d

/** An order ID with the dashes, blanks, quotes and marks that spreadsheets and web pages put into it. */
const SPOILED = /^[='"]*(\d{3}) ?\p{Pd} ?(\d{7}) ?\p{Pd} ?(\d{7})"?$/u

/** An order ID as Amazon writes it, `303-1234567-1234567`, where it can be no other; else the text as it is. */
export function orderReferenceOf(text: string): string {
  if (text.length === 19 && text.charCodeAt(3) === DASH && text.charCodeAt(11) === DASH) return text
  const parts = SPOILED.exec(text.normalize('NFKC').replaceAll(/\p{Cf}/gu, ''))
  return parts ? parts.slice(1).join('-') : text
}
