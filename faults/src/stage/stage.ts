import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Codec } from '@backhaul/codec'
import { type ServiceName, topics } from '@backhaul/flow'
import { KafkaClient } from '@backhaul/kafka'
import { prepareTopics, until } from '@backhaul/local'
import { InputLog } from '../load/input-log.ts'
import { InputWriter } from '../load/input-writer.ts'
import type { InputTopic, LoadedTransaction } from '../load/inputs.ts'
import { World } from '../load/world.ts'
import { KafkaProxy } from '../proxy/kafka-proxy.ts'
import { Random } from '../random.ts'
import { type ConfigServiceStub, startConfigService } from './config-service.ts'
import { Reconciler } from './reconciler.ts'
import type { Servers } from './servers.ts'

const PAUSE_BETWEEN_TRANSACTIONS_MS = 60
/** Orders of the faults' own records, apart from those of the load. */
const FIRST_CASE_OF_FAULTS = 5_000_000
/** How long a fault may keep the flow from its work. */
const RECOVERY_LIMIT_MS = 60_000
const ASK_AGAIN_MS = 100
const INPUTS: readonly InputTopic[] = ['amazon-return-rows.v1', 'sales-orders.v1']

const silent = { debug() {}, info() {}, warn() {}, error() {} }

export interface StageOptions {
  readonly servers: Servers
  readonly seed: number
  /** The program of the reconciler. */
  readonly main: string
}

/** One round's topics, load, reconcilers and config-service. */
export class Stage {
  readonly servers: Servers
  readonly random: Random
  readonly log = new InputLog()
  readonly codec: Codec
  readonly client: KafkaClient<'reconciler'>
  readonly config: ConfigServiceStub
  readonly reconcilers: Reconciler[] = []
  readonly #options: StageOptions
  readonly #prefix: string
  readonly #proxy: KafkaProxy
  readonly #writers: Readonly<Record<InputTopic, InputWriter>>
  readonly #world: World
  readonly #faultWorld: World
  #loading: Promise<void> = Promise.resolve()
  #wanted = false

  private constructor(
    options: StageOptions,
    parts: {
      prefix: string
      proxy: KafkaProxy
      config: ConfigServiceStub
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
    this.#prefix = parts.prefix
    this.#proxy = parts.proxy
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
    const proxy = await KafkaProxy.open(() => servers.broker.port)
    const settings = { KAFKA_BROKERS: [`127.0.0.1:${proxy.port}`], TOPIC_PREFIX: prefix }
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
    const stage = new Stage(options, { prefix, proxy, config: await startConfigService(), codec, clients })
    for (const name of ['a', 'b', 'c']) stage.reconcilers.push(await stage.#reconciler(name))
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

  /** Ends the load, lets everything come through, and waits until no output is inside a transaction. */
  async settle(): Promise<void> {
    await this.stopLoad()
    await this.caughtUp()
    const admin = this.client.client.admin()
    await admin.connect()
    await until('The end of all transactions', async () => {
      for (const topic of ['return-orders.v1', 'dead-letters.reconciler.v1'] as const) {
        const reader = this.client.partitionReader()
        try {
          const name = this.client.physical(topic)
          for (const { partition, high } of await admin.fetchTopicOffsets(name)) {
            if ((await reader.latest(name, partition)) !== BigInt(high)) return false
          }
        } finally {
          await reader.close()
        }
      }
      return true
    })
    await admin.disconnect()
  }

  /** Ends the load; what it wrote last is acknowledged. */
  async stopLoad(): Promise<void> {
    this.#wanted = false
    await this.#loading
  }

  async close(): Promise<void> {
    await this.stopLoad()
    for (const one of this.reconcilers) await one.close()
    for (const writer of Object.values(this.#writers)) await writer.close()
    await this.client.close()
    await this.config.close()
    await this.#proxy.close()
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
    const { servers, main } = this.#options
    return Reconciler.open({
      name: `${this.#prefix}${name}`,
      main,
      environment: {
        SCHEMA_REGISTRY_URL: servers.registry,
        TOPIC_PREFIX: this.#prefix,
        CONFIG_SERVICE_URL: this.config.url,
        SERVICE_API_KEY: 'no secret: the stub asks for none',
        LOG_LEVEL: 'info',
        // Poison comes in the mass, and a frozen instance must lose its seat soon.
        DEAD_LETTER_SHARE_LIMIT: '1',
        KAFKA_SESSION_TIMEOUT_MS: '11000',
        HTTP_PORT: '0',
      },
      children: servers.children,
      brokerPort: () => servers.broker.port,
      logFile: join(servers.folder, 'logs', `${this.#prefix}${name}.log`),
    })
  }
}
