import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaClient } from '@backhaul/kafka'
import type { InputTopic } from '../data/input-record.ts'
import type { Reconciler } from '../reconcilers/reconciler.ts'

/** Short against a run, long against what asking costs the broker. */
const ASK_EVERY_MS = 50
const GIVEN_UP_AFTER_MS = 30 * 60_000

/** How far a reconciler came. */
export interface Progress {
  /** Milliseconds on this process's clock. */
  readonly at: number
  /** Input records committed. */
  readonly inputs: number
  /** Records in its output, markers included. */
  readonly outputs: number
  /** Processor time that it has used since its start. */
  readonly cpuSeconds: number
}

/**
 * Watches a reconciler until it has committed all its inputs. Its group must be known to the broker.
 *
 * @param counts Records of each input topic; they are written outside of transactions, so that an offset is a count.
 * @throws Error with its last words when it ends before.
 * @returns Every step that was seen, the first before any output where one was seen.
 */
export async function watch(
  kafka: KafkaClient<'reconciler'>,
  { name, group, returns, ended, usage }: Reconciler,
  counts: Readonly<Record<InputTopic, number>>,
): Promise<Progress[]> {
  const topics = (Object.keys(counts) as InputTopic[]).map((topic) => kafka.physical(topic))
  const wanted = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const admin = kafka.client.admin()
  await admin.connect()
  const steps: Progress[] = []
  const deadline = performance.now() + GIVEN_UP_AFTER_MS
  try {
    for (;;) {
      const gone = ended()
      if (gone) throw new Error(`${name} ended: ${gone}`)
      const [committed, ends] = await Promise.all([
        admin.fetchOffsets({ groupId: group, topics }),
        admin.fetchTopicOffsets(returns),
      ])
      const inputs = sum(committed.flatMap((t) => t.partitions.map((p) => Math.max(0, Number(p.offset)))))
      const outputs = sum(ends.map((p) => Number(p.high)))
      const last = steps.at(-1)
      if (inputs !== last?.inputs || outputs !== last?.outputs)
        steps.push({ at: performance.now(), inputs, outputs, cpuSeconds: usage().cpuSeconds })
      if (inputs >= wanted) return steps
      if (performance.now() > deadline) throw new Error(`${group} stands at ${inputs} of ${wanted} records`)
      await sleep(ASK_EVERY_MS)
    }
  } finally {
    await admin.disconnect()
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
