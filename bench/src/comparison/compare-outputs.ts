import { Codec } from '@backhaul/codec'
import type { RecordName } from '@backhaul/schemas'
import type { Written } from '../read-all.ts'
import { differences } from './differences.ts'

/** A list of differences longer than this says nothing more. */
const MOST_DIFFERENCES = 20

/** Headers of dead letters that tell what was rejected and why; the words of the message may differ. */
const DEAD_LETTER_HEADERS = [
  'origin-topic',
  'origin-partition',
  'origin-offset',
  'origin-timestamp',
  'step',
  'error-code',
]

/**
 * Compares events record by record, in the order of the log: partition, key, headers and every field. The record's own
 * time is the broker's.
 */
export async function compareEvents(
  registry: string,
  ours: readonly Written[],
  theirs: readonly Written[],
): Promise<string[]> {
  const codec = new Codec(registry)
  const shown = async ({ partition, key, headers, value }: Written) => ({
    ...{ partition, key, headers },
    value: await decoded(codec, 'ReturnOrder', value),
  })
  return compareLists('event', ours, theirs, shown)
}

/** Compares dead letters, in the order of where they came from: the topic has one partition, its order is free. */
export function compareDeadLetters(ours: readonly Written[], theirs: readonly Written[]): Promise<string[]> {
  const shown = async ({ key, value, headers }: Written) => ({
    headers: Object.fromEntries(DEAD_LETTER_HEADERS.map((name) => [name, headers[name]])),
    key,
    value: value?.toString('hex') ?? null,
  })
  return compareLists('dead letter', byOrigin(ours), byOrigin(theirs), shown)
}

async function compareLists(
  what: string,
  ours: readonly Written[],
  theirs: readonly Written[],
  shown: (record: Written) => Promise<object>,
): Promise<string[]> {
  const found: string[] = []
  if (ours.length !== theirs.length) found.push(`${ours.length} ${what}s ≠ ${theirs.length}`)
  for (let at = 0; at < Math.min(ours.length, theirs.length) && found.length < MOST_DIFFERENCES; at++) {
    const [mine, other] = [ours[at], theirs[at]] as [Written, Written]
    for (const difference of differences(await shown(mine), await shown(other))) {
      found.push(`${what} ${at} (${mine.key}): ${difference}`)
    }
  }
  return found.slice(0, MOST_DIFFERENCES)
}

const decoded = async (codec: Codec, record: RecordName, value: Buffer | null) =>
  value && JSON.parse(JSON.stringify(await codec.decode(record, value)))

function byOrigin(records: readonly Written[]): Written[] {
  const origin = ({ headers }: Written) =>
    `${headers['origin-topic']}/${headers['origin-partition']}/${headers['origin-offset']?.padStart(12, '0')}`
  return [...records].sort((a, b) => (origin(a) < origin(b) ? -1 : 1))
}
