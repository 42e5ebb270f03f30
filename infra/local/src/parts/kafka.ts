import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { stopChild } from '../children.ts'
import { findJava } from '../java.ts'
import { fetchOnce } from '../maven.ts'
import { freePort } from '../ports.ts'
import { listens, until } from '../ready.ts'
import { follow, type PartContext, type RunningPart } from './part.ts'

const KAFKA = new URL('../../kafka/', import.meta.url).pathname
const CLUSTER_ID = '4L6g3nShT-eMCtK--X86sw'
const PREFERRED_PORT = 9092

/** A listener beside the plain one, with TLS and SASL. */
export interface SecureListener {
  readonly port: number
  /** Lines of the broker's properties: keys, mechanisms, users. */
  readonly properties: string
  /** Arguments of the formatting: users of SCRAM. */
  readonly format: readonly string[]
}

/** One broker without copies: internal topics need a single replica, else groups and transactions hang. */
const properties = (data: string, port: number, controllerPort: number, secure?: SecureListener) =>
  `process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${securely(secure)}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}${securely(secure)}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:${controllerPort}
log.dirs=${data}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
default.replication.factor=1
min.insync.replicas=1
num.partitions=4
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=2097152
num.network.threads=2
num.io.threads=4
${secure?.properties ?? ''}`

const securely = (secure?: SecureListener) => (secure ? `,SASL_SSL://127.0.0.1:${secure.port}` : '')

/** A JVM that starts quickly and stays small. */
const SMALL_JVM = ['-Xms128m', '-Xmx384m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']

/** One node of a cluster: what it is called, where its state and settings stand, where it listens. */
export interface KafkaNode {
  readonly name: string
  readonly home: string
  /** `server.properties` of a combined broker and controller. */
  readonly properties: string
  readonly port: number
  /** What its JVM is started with; by default one that starts quickly and stays small. */
  readonly jvm?: readonly string[]
  /** Further arguments of the formatting. */
  readonly format?: readonly string[]
}

/** Starts a node over what its home holds; a home that holds nothing is formatted first. */
export async function startKafkaNode(
  { artifacts, children, log }: PartContext,
  { name, home, properties, port, jvm = SMALL_JVM, format = [] }: KafkaNode,
): Promise<RunningPart> {
  const java = findJava()
  const classPath = await kafkaClassPath(artifacts)
  await mkdir(home, { recursive: true })
  const config = join(home, 'server.properties')
  await writeFile(config, properties)
  if (!existsSync(join(home, 'data', 'meta.properties'))) {
    const tool = ['kafka.tools.StorageTool', 'format', `-t=${CLUSTER_ID}`, '-c', config, '-g', ...format]
    await promisify(execFile)(java, [...SMALL_JVM, '-cp', classPath, ...tool])
  }
  const child = children.spawn(
    name,
    java,
    [
      ...jvm,
      '-cp',
      classPath,
      `-Dlog4j2.configurationFile=${join(KAFKA, 'log4j2.properties')}`,
      'kafka.Kafka',
      config,
    ],
    { cwd: home },
  )
  const lastLines = follow(name, child, log)
  const ended = () => (child.exitCode === null ? null : lastLines())
  await until('Kafka', () => listens(port), { ended })
  return { url: `127.0.0.1:${port}`, pid: child.pid ?? null, stop: () => stopChild(child) }
}

/** Kafka's jars, brokers and Java client, as a class path. */
export async function kafkaClassPath(artifacts: string): Promise<string> {
  const lib = join(artifacts, 'kafka')
  await fetchOnce(lib, (target) => [
    '-f',
    join(KAFKA, 'pom.xml'),
    'dependency:copy-dependencies',
    '-DincludeScope=runtime',
    `-DoutputDirectory=${target}`,
  ])
  return readdirSync(lib)
    .filter((file) => file.endsWith('.jar'))
    .map((file) => join(lib, file))
    .join(delimiter)
}

/**
 * Kafka in KRaft mode, from Maven's jars. The URL is a broker list.
 *
 * @param secure For tests of clients that must say who they are.
 * @param jvm What the broker's JVM is started with; a bench wants one as in production.
 */
export async function startKafka(
  context: PartContext,
  jvm?: readonly string[],
  secure?: SecureListener,
): Promise<RunningPart> {
  const port = await freePort(PREFERRED_PORT)
  const home = join(context.folder, 'kafka')
  return startKafkaNode(context, {
    name: 'kafka',
    home,
    properties: properties(join(home, 'data'), port, await freePort(0), secure),
    port,
    ...(jvm && { jvm }),
    ...(secure && { format: secure.format }),
  })
}
