import { Codec } from '@backhaul/codec'
import { createTopics, type KafkaClient } from '@backhaul/kafka'
import { prepareTopics, until } from '@backhaul/local'
import { actAs } from '../act-as.ts'
import { InputEncoder, type InputTopic } from '../data/input-record.ts'
import { plainInputs } from '../data/plain-inputs.ts'
import { writeInputs } from '../data/write-inputs.ts'
import type { ReconcilerKind } from '../reconcilers/reconciler.ts'
import type { Servers } from '../servers.ts'
import { serveSettings } from '../settings.ts'
import { type Progress, watch } from './progress.ts'

const OUTPUTS = ['return-orders.v1', 'reconciler.order-state.v1', 'dead-letters.reconciler.v1'] as const

/** What a join is made of. */
export interface JoinOptions {
  /** What the names of its topics begin with. */
  readonly prefix: string
  readonly rows: number
  /** Only orders of this partition; by default those of all. */
  readonly partition?: number
}

/** The reconciler's join over a load that is written once and read by each run from its beginning. */
export class Join {
  readonly kafka: KafkaClient<'reconciler'>
  readonly prefix: string
  readonly settingsUrl: string
  /** Records of each input topic. */
  readonly counts: Record<InputTopic, number> = { 'amazon-return-rows.v1': 0, 'sales-orders.v1': 0 }
  readonly #servers: Servers
  readonly #partition: number | undefined
  readonly #closeSettings: () => void
  #rows = 0

  private constructor(
    servers: Servers,
    kafka: KafkaClient<'reconciler'>,
    { prefix, partition }: JoinOptions,
    config: { url: string; close(): void },
  ) {
    this.kafka = kafka
    this.prefix = prefix
    this.settingsUrl = config.url
    this.#servers = servers
    this.#partition = partition
    this.#closeSettings = config.close
  }

  static async prepare(servers: Servers, options: JoinOptions): Promise<Join> {
    const { prefix, rows } = options
    await prepareTopics({ KAFKA_BROKERS: [servers.brokers], TOPIC_PREFIX: prefix }, servers.registry)
    const kafka = await actAs('reconciler', { ...servers, prefix })
    const join = new Join(servers, kafka, options, await serveSettings())
    console.error(`writing ${rows.toLocaleString('en')} rows and their orders`)
    await join.append(rows)
    return join
  }

  /** Writes rows and their orders behind what is there. */
  async append(rows: number): Promise<void> {
    const encoder = await InputEncoder.prepare(new Codec(this.#servers.registry), this.prefix)
    const load = { rows, partition: this.#partition, after: this.#rows }
    this.#rows += rows
    const written = await writeInputs(this.kafka, plainInputs(encoder, load))
    for (const topic of Object.keys(written) as InputTopic[]) this.counts[topic] += written[topic]
  }

  /** Deletes outputs, state and positions of an earlier run, so that the next begins at the beginning. */
  async reset(): Promise<void> {
    const admin = this.kafka.client.admin()
    await admin.connect()
    const isOutput = (topic: string) => OUTPUTS.some((name) => topic === `${this.prefix}${name}`)
    const there = await admin.listTopics()
    const stale = there.filter(
      (topic) => topic.startsWith(this.prefix) && (topic.endsWith('-changelog') || isOutput(topic)),
    )
    await admin.deleteTopics({ topics: stale })
    const gone = async () => !(await admin.listTopics()).some((topic) => stale.includes(topic))
    await until('The deletion of topics', gone)
    const groups = (await admin.listGroups()).groups.map(({ groupId }) => groupId)
    if (groups.includes(this.kafka.group)) await admin.deleteGroups([this.kafka.group])
    await admin.disconnect()
    await createTopics({ KAFKA_BROKERS: [this.#servers.brokers], TOPIC_PREFIX: this.prefix }, 1, OUTPUTS)
  }

  /** Runs a reconciler over the whole load. @returns How it went on, and the most memory that it took, in MiB. */
  async run(kind: ReconcilerKind): Promise<{ steps: Progress[]; peakRssMiB: number }> {
    await this.reset()
    const reconciler = await kind.start(this.prefix)
    try {
      const steps = await watch(this.kafka, reconciler, this.counts)
      return { steps, peakRssMiB: reconciler.usage().peakRssMiB }
    } finally {
      await reconciler.stop()
    }
  }

  async close(): Promise<void> {
    this.#closeSettings()
    await this.kafka.close()
  }
}
