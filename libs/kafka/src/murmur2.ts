const SEED = 0x9747b28c
const M = 0x5bd1e995
const R = 24

/**
 * Murmur2 as Java's default partitioner computes it, as a signed 32-bit integer. kafkajs computes the same in objects of 64
 * bits, 20 times slower. Source: org.apache.kafka.common.utils.Utils.murmur2.
 */
export function murmur2(bytes: Uint8Array): number {
  const { length } = bytes
  let h = SEED ^ length
  let at = 0
  for (; at + 4 <= length; at += 4) {
    let k =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    k = Math.imul(k, M)
    k ^= k >>> R
    k = Math.imul(k, M)
    h = Math.imul(h, M) ^ k
  }
  const rest = length - at
  if (rest >= 3) h ^= (bytes[at + 2] as number) << 16
  if (rest >= 2) h ^= (bytes[at + 1] as number) << 8
  if (rest >= 1) h = Math.imul(h ^ (bytes[at] as number), M)
  h ^= h >>> 13
  h = Math.imul(h, M)
  h ^= h >>> 15
  return h | 0
}
