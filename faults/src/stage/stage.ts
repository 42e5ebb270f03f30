import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Codec } from '@backhaul/codec'
import { type ServiceName, topics } from '@backhaul/flow'
import { KafkaClient } from '@backhaul/kafka'
import { prepareTopics, until } from '@backhaul/local'
import { TRANSACTION_TIMEOUT_MS } from '@backhaul/runtime'
import { InputLog } from '../load/input-log.ts'
import { InputWriter } from '../load/input-writer.ts'
import type { InputTopic, LoadedTransaction } from '../load/inputs.ts'
import { World } from '../load/world.ts'
import { Random } from '../random.ts'
import type { Cluster } from './cluster.ts'
import { type ConfigServiceStub, startConfigService } from './config-service.ts'
import { Reconciler } from './reconciler.ts'
import { type RegistryGate, startRegistryGate } from './registry-gate.ts'
import type { Servers } from './servers.ts'

const PAUSE_BETWEEN_TRANSACTIONS_MS = 60
/** Orders of the faults' own records, apart from those of the load. */
const FIRST_CASE_OF_FAULTS = 5_000_000
/** How long a fault may keep the flow from its work. */
const RECOVERY_LIMIT_MS = 60_000
const ASK_AGAIN_MS = 100
const INPUTS: readonly InputTopic[] = ['amazon-return-rows.v1', 'sales-orders.v1']

type Admin = ReturnType<KafkaClient<'reconciler'>['client']['admin']>

const GUEST = 'c'

const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** How long the group waits for a member that is silent: the least that the service takes. */
const SESSION_MS = TRANSACTION_TIMEOUT_MS + 1
/** As often as the service takes: about each second. */
const SNAPSHOT_MINUTES = '0.02'
/** A freeze this long makes a zombie. */
export const BEYOND_SESSION_MS = SESSION_MS + 2_000

/**
 * Whether an instance that comes back is known: it has its seat still, and snapshots of its state. Else it is a new
 * member with nothing, and the group waits for who it was.
 */
export type Seats = 'static' | 'dynamic'

export interface StageOptions {
  readonly servers: Servers
  readonly seed: number
  /** The program of the reconciler. */
  readonly main: string
  readonly brokers: 1 | 3
  readonly seats: Seats
}

/** One round's topics, load, reconcilers and config-service. */
export class Stage {
  readonly servers: Servers
  readonly random: Random
  readonly log = new InputLog()
  readonly codec: Codec
  readonly client: KafkaClient<'reconciler'>
  readonly config: ConfigServiceStub
  readonly registry: RegistryGate
  readonly cluster: Cluster
  readonly reconcilers: Reconciler[] = []
  readonly #options: StageOptions
  readonly #prefix: string
  readonly #writers: Readonly<Record<InputTopic, InputWriter>>
  readonly #world: World
  readonly #faultWorld: World
  #loading: Promise<void> = Promise.resolve()
  #wanted = false

  private constructor(
    options: StageOptions,
    parts: {
      prefix: string
      cluster: Cluster
      config: ConfigServiceStub
      registry: RegistryGate
      codec: Codec
      clients: readonly [
        KafkaClient<'report-fetcher'>,
        KafkaClient<'order-importer'>,
        KafkaClient<'reconciler'>,
      ]
    },
  ) {
    const { seed, servers } = options
    const [fetcher, importer, reconciler] = parts.clients
    this.#options = options
    this.servers = servers
    this.random = new Random(seed)
    this.codec = parts.codec
    this.client = reconciler
    this.config = parts.config
    this.registry = parts.registry
    this.cluster = parts.cluster
    this.#prefix = parts.prefix
    this.#writers = {
      'amazon-return-rows.v1': new InputWriter(fetcher, parts.codec, this.log),
      'sales-orders.v1': new InputWriter(importer, parts.codec, this.log),
    }
    this.#world = new World(seed, Date.now())
    this.#faultWorld = new World(seed + 1, Date.now(), FIRST_CASE_OF_FAULTS)
  }

  static async open(options: StageOptions): Promise<Stage> {
    const { servers, seed } = options
    const prefix = `faults-${seed}-${randomBytes(3).toString('hex')}-`
    const cluster = await servers.cluster(options.brokers)
    await cluster.mend()
    const settings = {
      KAFKA_BROKERS: cluster.addresses,
      TOPIC_PREFIX: prefix,
      TOPIC_REPLICATION: cluster.copies,
    }
    await prepareTopics(settings, servers.registry)
    const codec = new Codec(servers.registry)
    const client = <S extends ServiceName>(service: S) =>
      new KafkaClient({
        settings,
        service,
        codec,
        log: silent,
        waits: { wait() {}, ok() {} },
        appVersion: 'faults',
      })
    const clients = [client('report-fetcher'), client('order-importer'), client('reconciler')] as const
    for (const one of clients) await one.prepare()
    const config = await startConfigService()
    const registry = await startRegistryGate(servers.registry)
    const stage = new Stage(options, { prefix, cluster, config, registry, codec, clients })
    for (const name of ['a', 'b', GUEST]) stage.reconcilers.push(await stage.#reconciler(name))
    return stage
  }

  /** The two that always run. */
  get pair(): readonly [Reconciler, Reconciler] {
    return [this.reconcilers[0] as Reconciler, this.reconcilers[1] as Reconciler]
  }

  /** The one that joins for a while. */
  get guest(): Reconciler {
    return this.reconcilers[2] as Reconciler
  }

  /** Why reconcilers ended that nobody had asked to. */
  get unaskedStops(): readonly string[] {
    return this.reconcilers.flatMap((one) => one.unaskedStops)
  }

  /** Starts the pair, then the load. */
  async begin(): Promise<void> {
    await Promise.all(this.pair.map((one) => one.start()))
    await Promise.all(this.pair.map((one) => one.ready()))
    this.#wanted = true
    this.#loading = this.#load()
  }

  /** Writes records of a fault's own, beside the load. */
  async write(transaction: LoadedTransaction): Promise<void> {
    await this.#writers[transaction.topic].write(transaction)
  }

  /** Registers the schema of rows once more, as a text of its own. @returns Its new id, which no reconciler has seen. */
  async registerAgain(): Promise<number> {
    const registry = this.#options.servers.registry
    const ask = async (path: string, body?: object) => {
      const headers = { 'content-type': 'application/json' }
      const init = body ? { method: 'POST', headers, body: JSON.stringify(body) } : {}
      const answer = await fetch(`${registry}${path}`, init)
      if (!answer.ok) throw new Error(`The registry answered ${answer.status}: ${await answer.text()}`)
      return (await answer.json()) as { id: number; schema: string }
    }
    const { schema } = await ask(
      `/subjects/${this.client.physical('amazon-return-rows.v1')}-value/versions/latest`,
    )
    // Of a subject of its own: a schema that differs in words alone has the id of its subject's version before.
    const name = randomBytes(6).toString('hex')
    const again = JSON.stringify({ ...JSON.parse(schema), doc: `Registered again: ${name}` })
    const { id } = await ask(`/subjects/${this.#prefix}again-${name}/versions`, {
      schema: again,
      schemaType: 'AVRO',
    })
    return id
  }

  /** Where a fault takes its own records from. */
  get faultWorld(): World {
    return this.#faultWorld
  }

  /**
   * Waits until everything written so far, and one more return in each partition, has its outcome committed.
   *
   * @throws Error naming the partitions that are stuck, after a minute.
   */
  async caughtUp(): Promise<void> {
    await this.write(this.#faultWorld.probes(topics['amazon-return-rows.v1'].partitions))
    const ends = await this.#ends()
    let behind: string[] = []
    const isBehind = async () => {
      const committed = await this.client.committed(INPUTS)
      behind = committed
        .filter(({ topic, partition, offset }) => (offset ?? 0n) < (ends.get(`${topic}/${partition}`) ?? 0n))
        .map(({ topic, partition }) => `${topic}/${partition}`)
      return behind.length > 0
    }
    const deadline = performance.now() + RECOVERY_LIMIT_MS
    while (await isBehind().catch(() => true)) {
      if (performance.now() > deadline) throw new Error(`stuck: ${behind.join(', ') || 'no answer'}`)
      await sleep(ASK_AGAIN_MS)
    }
  }

  /** Takes back what faults have left: nothing is frozen, held, shut or down, and every partition has all its copies. */
  async mend(): Promise<void> {
    this.registry.open()
    for (const one of this.reconcilers) {
      one.thaw()
      await one.proxy.clear()
    }
    await this.cluster.mend()
    if (this.cluster.copies > 1)
      await until('All copies in sync', () => this.withAdmin((a) => this.#isInSync(a)))
  }

  async #isInSync(admin: Admin): Promise<boolean> {
    const { topics: all } = await admin.fetchTopicMetadata()
    return all.every(({ partitions }) => partitions.every(({ isr }) => isr.length === this.cluster.copies))
  }

  /** Ends the load, lets everything come through, and waits until no output is inside a transaction. */
  async settle(): Promise<void> {
    await this.stopLoad()
    await this.caughtUp()
    await until('The end of all transactions', () => this.withAdmin((admin) => this.#isDecided(admin)))
  }

  /** True when no output is inside a transaction: what is committed ends where the log ends. */
  async #isDecided(admin: Admin): Promise<boolean> {
    const reader = this.client.partitionReader()
    try {
      for (const topic of ['return-orders.v1', 'dead-letters.reconciler.v1'] as const) {
        const name = this.client.physical(topic)
        for (const { partition, high } of await admin.fetchTopicOffsets(name)) {
          if ((await reader.latest(name, partition)) !== BigInt(high)) return false
        }
      }
      return true
    } finally {
      await reader.close()
    }
  }

  /** Ends the load; what it wrote last is acknowledged. */
  async stopLoad(): Promise<void> {
    this.#wanted = false
    await this.#loading
  }

  /** Ends everything of this stage, by force where it must. */
  async close(): Promise<void> {
    this.#wanted = false
    for (const writer of Object.values(this.#writers)) await writer.close()
    await Promise.all(this.reconcilers.map((one) => one.close()))
    await this.client.close()
    await Promise.all([this.config.close(), this.registry.close()])
  }

  /** Takes its topics and logs away: nothing was wrong with them. */
  async forget(): Promise<void> {
    await this.withAdmin(async (admin) => {
      const topics = (await admin.listTopics()).filter((name) => name.startsWith(this.#prefix))
      await admin.deleteTopics({ topics })
    })
    for (const { logFile, stateFolder } of this.reconcilers) {
      rmSync(logFile, { force: true })
      rmSync(stateFolder, { recursive: true, force: true })
    }
  }

  /** Asks the brokers something as an operator would. */
  async withAdmin<T>(act: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.client.client.admin()
    await admin.connect()
    try {
      return await act(admin)
    } finally {
      await admin.disconnect()
    }
  }

  async #load(): Promise<void> {
    while (this.#wanted) {
      await this.write(this.#world.next())
      await sleep(PAUSE_BETWEEN_TRANSACTIONS_MS)
    }
  }

  /** Ends of the inputs for a read_committed reader. */
  async #ends(): Promise<Map<string, bigint>> {
    const ends = new Map<string, bigint>()
    for (const topic of INPUTS) {
      for (let partition = 0; partition < topics[topic].partitions; partition++) {
        ends.set(`${topic}/${partition}`, await this.client.endOffset(topic as 'sales-orders.v1', partition))
      }
    }
    return ends
  }

  #reconciler(name: string): Promise<Reconciler> {
    const { servers, main, seats } = this.#options
    return Reconciler.open({
      name: `${this.#prefix}${name}`,
      main,
      environment: {
        SCHEMA_REGISTRY_URL: this.registry.url,
        TOPIC_PREFIX: this.#prefix,
        CONFIG_SERVICE_URL: this.config.url,
        SERVICE_API_KEY: 'no secret: the stub asks for none',
        LOG_LEVEL: 'info',
        HTTP_PORT: '0',
        KAFKA_SESSION_TIMEOUT_MS: String(SESSION_MS),
        // The guest leaves for good each time.
        SNAPSHOT_MINUTES,
        // One input in thirty is poison.
        DEAD_LETTER_SHARE_LIMIT: '1',
        ...(seats === 'static' && name !== GUEST && { KAFKA_INSTANCE_ID: name }),
      },
      children: servers.children,
      brokers: this.cluster.brokers.map(({ port }) => port),
      folder: join(servers.folder, 'logs'),
      keepsState: seats === 'static',
    })
  }
}
