import { Codec } from '@backhaul/codec'
import { createTopics } from '@backhaul/kafka'
import { prepareTopics, until } from '@backhaul/local'
import { actAs } from '../act-as.ts'
import type { Bench, Contender, Sample } from '../bench.ts'
import { compareWithPeer } from '../comparison/compare.ts'
import { InputEncoder } from '../data/input-record.ts'
import { plainInputs } from '../data/plain-inputs.ts'
import { writeInputs } from '../data/write-inputs.ts'
import { type Progress, watch } from '../progress.ts'
import { backhaul } from '../reconcilers/backhaul.ts'
import { kafkaStreams } from '../reconcilers/kafka-streams.ts'
import type { ReconcilerKind } from '../reconcilers/reconciler.ts'
import type { Samples } from '../rounds.ts'
import { serveSettings } from '../settings.ts'
import { median } from '../statistics.ts'

const PREFIX = 'reconcile.'
const OUTPUTS = ['return-orders.v1', 'reconciler.order-state.v1', 'dead-letters.reconciler.v1'] as const

/** How much the numbers of outputs may differ: readers that take two topics in other turns say more or less between. */
const OUTPUT_TOLERANCE = 0.1

/** The join: the reconciler against Kafka Streams, one core each, the broker on another. */
export const reconcile: Bench = {
  name: 'reconcile',
  compares: 'the reconciler with Kafka Streams, exactly once, from first to last output',
  metric: 'recordsPerSecond',
  better: 'higher',
  goal: '≥ 2× the in-memory peer, memory ≤ 1.0×',
  size: { runs: 5, records: 1_000_000 },
  async prepare(servers, { records }) {
    const { differences } = await compareWithPeer(servers, (line) => console.error(line))
    const place = { ...servers, prefix: PREFIX }
    const settings = { KAFKA_BROKERS: [servers.brokers], TOPIC_PREFIX: PREFIX }
    await prepareTopics(settings, servers.registry)
    const kafka = await actAs('reconciler', place)
    console.error(`writing ${records} rows and their orders`)
    const encoder = await InputEncoder.prepare(new Codec(servers.registry), PREFIX)
    const counts = await writeInputs(kafka, plainInputs(encoder, records))
    const config = await serveSettings()

    /** Outputs, state and positions of an earlier run are deleted, so that each begins at the beginning. */
    const reset = async () => {
      const admin = kafka.client.admin()
      await admin.connect()
      const there = await admin.listTopics()
      const stale = there.filter(
        (topic) => topic.startsWith(PREFIX) && (topic.endsWith('-changelog') || isOutput(topic)),
      )
      await admin.deleteTopics({ topics: stale })
      const gone = async () => !(await admin.listTopics()).some((topic) => stale.includes(topic))
      await until('The deletion of topics', gone)
      const groups = (await admin.listGroups()).groups.map(({ groupId }) => groupId)
      if (groups.includes(kafka.group)) await admin.deleteGroups([kafka.group])
      await admin.disconnect()
      await createTopics(settings, 1, OUTPUTS)
    }

    const contender = (kind: ReconcilerKind): Contender => ({
      name: kind.name,
      async run() {
        await reset()
        const reconciler = await kind.start(PREFIX)
        try {
          const steps = await watch(kafka, reconciler, counts)
          return { ...toSample(steps), ...reconciler.usage() }
        } finally {
          await reconciler.stop()
        }
      },
    })
    return {
      contenders: [
        contender(backhaul(servers, config.url)),
        contender(await kafkaStreams(servers, { store: 'memory' })),
        contender(await kafkaStreams(servers, { store: 'rocksdb' })),
      ],
      refusal(samples) {
        if (differences.length === 0) return unlikeOutputs(samples)
        return `the outputs differ from the peer's:\n${differences.map((d) => `- ${d}`).join('\n')}`
      },
      close: () => config.close(),
    }
  },
}

const isOutput = (topic: string) => OUTPUTS.some((name) => topic === `${PREFIX}${name}`)

/** @throws Error when there were too few records for a rate. */
function toSample(steps: readonly Progress[]): Sample {
  const outputs = Math.max(...steps.map((step) => step.outputs))
  const first = steps.find((step) => step.outputs > 0)
  const last = steps.find((step) => step.outputs === outputs)
  const half = last && steps.find((step) => step.inputs >= last.inputs / 2)
  if (!first || !half || first === last || half === last)
    throw new Error('Too few records for a rate: give more by --records')
  return {
    recordsPerSecond: rate(first, last),
    // Compilers have warmed up by then.
    secondHalfPerSecond: rate(half, last),
    seconds: (last.at - first.at) / 1_000,
    outputs,
  }
}

const rate = (from: Progress, to: Progress) => ((to.inputs - from.inputs) / (to.at - from.at)) * 1_000

/** A ratio of unlike work is none. */
function unlikeOutputs(samples: Samples): string | undefined {
  const counts = [...samples].map(
    ([name, runs]) => [name, median(runs.map((run) => run.outputs ?? 0))] as const,
  )
  const least = Math.min(...counts.map(([, count]) => count))
  const most = Math.max(...counts.map(([, count]) => count))
  if (most <= least * (1 + OUTPUT_TOLERANCE)) return undefined
  return `the numbers of outputs are too far apart: ${counts.map((c) => c.join(' ')).join(', ')}`
}
