import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { TopicName } from '@backhaul/flow'
import { ARTIFACTS, findJava, kafkaClassPath } from '@backhaul/local'
import type { Stage } from '../stage/stage.ts'

const PROGRAM = fileURLToPath(new URL('ReadTopics.java', import.meta.url))

/** One record as a read_committed reader sees it. */
export interface ReadRecord {
  readonly partition: number
  readonly offset: bigint
  readonly key: string | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
}

/**
 * All that a read_committed reader sees of topics, each partition in the order of its log. It is read by Kafka's own Java
 * client: an error in our reader, which the reconcilers read with, cannot hide here.
 */
export async function readTopics<T extends TopicName>(
  stage: Stage,
  topics: readonly T[],
): Promise<Readonly<Record<T, readonly ReadRecord[]>>> {
  const byName = new Map(topics.map((topic) => [stage.client.physical(topic), topic]))
  const read = Object.fromEntries(topics.map((topic) => [topic, [] as ReadRecord[]])) as Record<
    T,
    ReadRecord[]
  >
  const child = spawn(
    findJava(),
    [
      ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Dlog4j2.level=OFF'],
      ...['-cp', await kafkaClassPath(ARTIFACTS), PROGRAM],
      ...[stage.cluster.addresses.join(','), ...byName.keys()],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const ended = once(child, 'close')
  const said = text(child.stderr)
  let isWhole = false
  for await (const line of createInterface({ input: child.stdout })) {
    const [name = '', partition, offset = '', key = '', value = '', headers = ''] = line.split('\t')
    if (name === 'end') isWhole = true
    const topic = byName.get(name)
    if (!topic) continue
    read[topic].push({
      partition: Number(partition),
      offset: BigInt(offset),
      key: fromBase64(key)?.toString() ?? null,
      value: fromBase64(value),
      headers: headersOf(headers),
    })
  }
  await ended
  if (!isWhole) throw new Error(`Kafka's Java client did not read to the end: ${await said}`)
  for (const topic of topics) read[topic].sort((a, b) => a.partition - b.partition)
  return read
}

const fromBase64 = (told: string): Buffer | null => (told === '-' ? null : Buffer.from(told, 'base64'))

const headersOf = (told: string): Record<string, string> =>
  Object.fromEntries(
    told
      .split(',')
      .filter(Boolean)
      .map((header) => {
        const at = header.indexOf('=')
        return [header.slice(0, at), String(fromBase64(header.slice(at + 1)))]
      }),
  )
