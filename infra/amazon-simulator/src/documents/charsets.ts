import { marketplaceById } from '@backhaul/domain'
import iconv from 'iconv-lite'

/** Charset names as Amazon's `Content-Type` spells them, and what they are. Source: public issue threads, see the README. */
const ENCODINGS: Readonly<Record<string, string>> = {
  Cp1252: 'win1252',
  'ISO-8859-1': 'latin1',
  utf8: 'utf8',
  'UTF-8': 'utf8',
  'UTF-16': 'utf16',
  Shift_JIS: 'cp932',
  'Windows-31J': 'cp932',
  Cp1254: 'win1254',
}

export const CHARSETS = Object.keys(ENCODINGS)

/** Text in a charset; letters it lacks become `?`, as at Amazon. */
export const encodeText = (text: string, charset: string): Buffer =>
  iconv.encode(text, ENCODINGS[charset] ?? charset)

/** The charset that flat files of a marketplace come in. */
export function usualCharset(marketplaceId: string): string {
  const marketplace = marketplaceById(marketplaceId)
  if (marketplace?.country === 'JP') return 'Shift_JIS'
  return marketplace?.region === 'eu' ? 'Cp1252' : 'UTF-8'
}
