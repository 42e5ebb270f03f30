import { Codec } from '@backhaul/codec'
import { topics } from '@backhaul/flow'
import { prepareTopics } from '@backhaul/local'
import { actAs } from '../act-as.ts'
import { InputEncoder, type InputTopic } from '../data/input-record.ts'
import { oddInputs } from '../data/odd-inputs.ts'
import { writeInputs } from '../data/write-inputs.ts'
import { watch } from '../join/progress.ts'
import { readAll } from '../read-all.ts'
import { backhaul } from '../reconcilers/backhaul.ts'
import { kafkaStreams } from '../reconcilers/kafka-streams.ts'
import type { Servers } from '../servers.ts'
import { serveSettings } from '../settings.ts'
import { compareDeadLetters, compareEvents } from './compare-outputs.ts'

const ROWS = 6_000
const PREFIX = 'compare.'
const PEER = 'peer.'

/** What the comparison of the reconciler and its peer found. */
export interface Comparison {
  readonly inputs: number
  readonly events: number
  readonly deadLetters: number
  /** Empty when both wrote the same. */
  readonly differences: readonly string[]
}

/**
 * Runs the reconciler and the peer on the same odd inputs and compares what they write, record by record. The next wave
 * of inputs is written when both have committed the one before, so that both meet the records in one order.
 */
export async function compareWithPeer(servers: Servers, tell: (line: string) => void): Promise<Comparison> {
  const settings = { KAFKA_BROKERS: [servers.brokers] }
  await prepareTopics({ ...settings, TOPIC_PREFIX: PREFIX }, servers.registry)
  await prepareTopics({ ...settings, TOPIC_PREFIX: `${PREFIX}${PEER}` }, servers.registry)
  const kafka = await actAs('reconciler', { ...servers, prefix: PREFIX })
  const config = await serveSettings()
  const kinds = [
    backhaul(servers, config.url),
    await kafkaStreams(servers, { store: 'memory', outputPrefix: PEER }),
  ]
  tell(`comparing ${kinds.map(({ name }) => name).join(' with ')} on ${ROWS} odd rows`)
  const running = await Promise.all(kinds.map((kind) => kind.start(PREFIX)))
  try {
    const encoder = await InputEncoder.prepare(new Codec(servers.registry), PREFIX)
    const counts: Record<InputTopic, number> = { 'amazon-return-rows.v1': 0, 'sales-orders.v1': 0 }
    for (const wave of oddInputs(encoder, ROWS)) {
      const written = await writeInputs(kafka, wave)
      for (const topic of Object.keys(counts) as InputTopic[]) counts[topic] += written[topic]
      await Promise.all(running.map((reconciler) => watch(kafka, reconciler, counts)))
    }
    await Promise.all(running.map((reconciler) => reconciler.stop()))
    const { partitions } = topics['return-orders.v1']
    const [ours, theirs] = await Promise.all(running.map((r) => readAll(kafka, r.returns, partitions)))
    const [ourDead, theirDead] = await Promise.all(running.map((r) => readAll(kafka, r.deadLetters, 1)))
    if (!ours || !theirs || !ourDead || !theirDead) throw new Error('two reconcilers were started')
    return {
      inputs: counts['amazon-return-rows.v1'] + counts['sales-orders.v1'],
      events: ours.length,
      deadLetters: ourDead.length,
      differences: [
        ...(await compareEvents(servers.registry, ours, theirs)),
        ...(await compareDeadLetters(ourDead, theirDead)),
      ],
    }
  } finally {
    await Promise.all(running.map((reconciler) => reconciler.stop()))
    config.close()
    await kafka.close()
  }
}
