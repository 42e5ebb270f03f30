import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Codec } from '@backhaul/codec'
import { topics } from '@backhaul/flow'
import { findJava, follow, ROOT, stopChild, until } from '@backhaul/local'
import { buildKafkaStreamsPeer } from '../kafka-streams.ts'
import { MEASURED_CORE, onCore } from '../pinned.ts'
import { usageOf } from '../process-usage.ts'
import { BENCH_FOLDER, type Servers } from '../servers.ts'
import { settings } from '../settings.ts'
import type { ReconcilerKind } from './reconciler.ts'

const SCHEMAS = join(ROOT, 'schemas')

/** How the peer is run. */
export interface KafkaStreamsOptions {
  readonly store: 'memory' | 'rocksdb'
  /** Physical names of its outputs under a prefix; by default the reconciler's. */
  readonly outputPrefix?: string
}

let started = 0

/**
 * The peer in bench/peers/kafka-streams. Every start is a new application: it has its own group, state and changelog,
 * and reads from the beginning.
 */
export async function kafkaStreams(
  servers: Servers,
  { store, outputPrefix = '' }: KafkaStreamsOptions,
): Promise<ReconcilerKind> {
  const classPath = await buildKafkaStreamsPeer()
  const newestSchema = readdirSync(join(SCHEMAS, 'ReturnOrder'))
    .filter((file) => file.endsWith('.avsc'))
    .sort((a, b) => Number(a.slice(1, -5)) - Number(b.slice(1, -5)))
    .at(-1) as string
  const name = `kafka-streams-${store}`
  return {
    name,
    async start(prefix) {
      started += 1
      const group = `${prefix}${outputPrefix}peer-${process.pid}-${started}`
      const returns = `${prefix}${outputPrefix}return-orders.v1`
      const deadLetters = `${prefix}${outputPrefix}dead-letters.reconciler.v1`
      await new Codec(servers.registry).register(returns, 'ReturnOrder')
      const folder = join(BENCH_FOLDER, 'kafka-streams')
      const state = join(folder, group)
      mkdirSync(state, { recursive: true })
      const settingsFile = join(folder, 'settings.json')
      writeFileSync(settingsFile, JSON.stringify(settings))
      const options = {
        id: group,
        brokers: servers.brokers,
        registry: servers.registry,
        rows: `${prefix}amazon-return-rows.v1`,
        orders: `${prefix}sales-orders.v1`,
        returns,
        'dead-letters': deadLetters,
        partitions: topics['return-orders.v1'].partitions,
        'return-schema': newestSchema,
        settings: settingsFile,
        state,
        store,
        cache: 'off',
        compression: 'none',
      }
      const [command, args] = onCore(MEASURED_CORE, findJava(), [
        '-Xmx6g',
        `-Dschemas=${SCHEMAS}`,
        '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
        '-cp',
        classPath,
        'backhaul.peer.Peer',
        ...Object.entries(options).flatMap(([option, value]) => [`--${option}`, String(value)]),
      ])
      const child = servers.children.spawn(name, command, args)
      let running = false
      const lastLine = follow(name, child, (_, line) => {
        running ||= line === 'running'
      })
      const ended = () => (child.exitCode === null ? null : lastLine())
      await until('The Kafka Streams peer', async () => running, { ended })
      return {
        name,
        returns,
        deadLetters,
        group,
        ended,
        usage: () => usageOf(child.pid ?? 0),
        async stop() {
          await stopChild(child)
          rmSync(state, { recursive: true, force: true })
        },
      }
    },
  }
}
