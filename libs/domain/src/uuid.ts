import { createHash } from 'node:crypto'

/** Namespace of all ids that Backhaul derives. Fixed for ever: a rebuild gives the same ids. */
const NAMESPACE = Buffer.from('6f1c1f0e5d0b5a6f9d6b1c1a7e0b6c11', 'hex')

/** A UUID that depends on the name alone. Source: RFC 9562, section 5.5 (version 5, SHA-1). */
export function uuidOf(name: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
