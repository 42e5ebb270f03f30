import { gzipSync } from 'node:zlib'
import { encodeText } from './charsets.ts'
import type { DocumentStyle, StoredDocument } from './document-style.ts'

const MARKS: Readonly<Record<string, string>> = { 'UTF-8': '\uFEFF', utf8: '\uFEFF' }

/** Puts a report's text at its address, true to the style or lying about it. */
export function store(text: string, style: DocumentStyle, usual: { charset: string }): StoredDocument {
  const charset = style.charset ?? usual.charset
  const mark = style.byteOrderMark ? (MARKS[charset] ?? '') : ''
  return storeBytes(encodeText(mark + text, charset), { declaredCharset: charset, ...style })
}

/** Bytes as they are; gzip unless the style says no. */
export function storeBytes(plain: Buffer, style: DocumentStyle): StoredDocument {
  const gzip = style.gzip ?? true
  return {
    bytes: gzip ? gzipSync(plain) : plain,
    charset: style.declaredCharset ?? null,
    gzip: style.declaredGzip ?? gzip,
    address: style.address,
  }
}
