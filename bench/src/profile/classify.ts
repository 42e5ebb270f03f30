import type { Frame } from './cpu-profile.ts'

/** What a reconciler spends time on. */
export const CATEGORIES = ['decode', 'join', 'encode', 'io', 'gc', 'other'] as const
export type Category = (typeof CATEGORIES)[number]

/** avsc and our codec name functions by what they do. What avsc compiles has no file and counts with its caller. */
const READS = /^(_?read|_?skip|decode|from)/
const WRITES = /^(_?write|_?check|encode|to)/
const AVRO = /\/avsc\/|libs\/codec\/|order-state\.ts$/

/** Each frame belongs to the first rule that fits. */
const rules: readonly [category: Category, url: RegExp, name?: RegExp][] = [
  ['decode', AVRO, READS],
  ['encode', AVRO, WRITES],
  ['decode', /libs\/kafka\/src\/(record-batch|records|fetch-queue|partition-queue)/],
  [
    'encode',
    /libs\/kafka\/src\/(encode-record-batch|encoded-records|headers|byte-writer|idle-writers|murmur2|outbox|outgoing|sends|dead-letters)/,
  ],
  ['encode', /libs\/kafka\/src\/fixes\/(one-pass-encoder|zstd-codec|linear-grouping)/],
  ['join', /libs\/(domain|state-store|flow)\/|services\/reconciler\//],
  ['io', /\/kafkajs\/|libs\/kafka\/src\/(fixes|partition-reader|transactional-writer|membership)/],
  ['io', /node:net|node:internal\/(stream|streams)/],
]

/**
 * What a stack was for: the innermost frame that tells. A native function counts with its caller.
 *
 * @param stack The function that ran first.
 * @returns null where nothing ran.
 */
export function categoryOf(stack: readonly Frame[]): Category | null {
  const top = stack[0]?.functionName
  if (top === '(idle)') return null
  if (top === '(garbage collector)') return 'gc'
  for (const { functionName, url } of stack) {
    const method = functionName.slice(functionName.lastIndexOf('.') + 1).replace(/^#/, '')
    const rule = rules.find(([, inUrl, named]) => inUrl.test(url) && (named?.test(method) ?? true))
    if (rule) return rule[0]
  }
  return 'other'
}
