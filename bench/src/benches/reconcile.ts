import type { Bench } from '../bench.ts'
import { compareWithPeer } from '../comparison/compare.ts'
import { Join } from '../join/join.ts'
import { joinContender } from '../join/rate.ts'
import { backhaul } from '../reconcilers/backhaul.ts'
import { kafkaStreams } from '../reconcilers/kafka-streams.ts'
import type { Samples } from '../rounds.ts'
import { median } from '../statistics.ts'

/** How much the numbers of outputs may differ: readers that take two topics in other turns say more or less between. */
const OUTPUT_TOLERANCE = 0.1

/** The join: the reconciler against Kafka Streams, one core each, the broker on another. */
export const reconcile: Bench = {
  name: 'reconcile',
  compares: 'the reconciler with Kafka Streams, exactly once, the first quarter left out as warm-up',
  metric: 'recordsPerSecond',
  better: 'higher',
  alsoCompared: [
    { metric: 'cpuMicrosPerRecord', better: 'lower' },
    { metric: 'peakRssMiB', better: 'lower' },
  ],
  goal: '≥ 2× the in-memory peer, memory ≤ 1.0×',
  size: { runs: 5, records: 400_000 },
  async prepare(servers, { records }) {
    const { differences } = await compareWithPeer(servers, (line) => console.error(line))
    const join = await Join.prepare(servers, { prefix: 'reconcile.', rows: records })
    const kinds = [
      backhaul(servers, join.settingsUrl),
      await kafkaStreams(servers, { store: 'memory' }),
      await kafkaStreams(servers, { store: 'rocksdb' }),
    ]
    return {
      contenders: kinds.map((kind) => joinContender(join, kind)),
      refusal(samples) {
        if (differences.length === 0) return unlikeOutputs(samples)
        return `the outputs differ from the peer's:\n${differences.map((d) => `- ${d}`).join('\n')}`
      },
      close: () => join.close(),
    }
  },
}

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
