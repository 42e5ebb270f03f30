import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ServiceName, services } from '@backhaul/flow'
import { type Backhaul, newSecrets, type Secrets, startBackhaul } from '../backhaul.ts'
import { Console } from '../console.ts'
import { Demo } from '../demo.ts'
import { type Endpoints, removeEndpoints, writeEndpoints } from '../endpoints.ts'
import { firstLinkedReturn } from '../first-linked-return.ts'
import { LOCAL, ROOT } from '../folders.ts'
import { type Parts, startParts } from '../parts.ts'
import { freePort } from '../ports.ts'
import { prepareTopics, settingsFrom } from '../prepare-topics.ts'
import { ServiceProcess } from '../service-process.ts'
import { tried, urlTable } from '../welcome.ts'

const AMAZON_PORT = 7010
/** Services listen from here on, in the order of the flow. */
const FIRST_PORT = 7001

// `npm start`: servers, topics and schemas, the simulated Amazon, all services, the demo seller; until Ctrl-C.
const began = performance.now()
const screen = new Console(LOCAL)
const stopping = new AbortController()
const running: { stop(): Promise<void> }[] = []

let signals = 0
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    signals += 1
    if (signals === 1) void end(0)
    else process.exit(1)
  })
}

const started = start()
started.catch(async (error) => {
  if (stopping.signal.aborted) return
  screen.say(`\nBackhaul could not start: ${(error as Error).message}`)
  await end(1)
})

async function start(): Promise<void> {
  screen.say('Starting Kafka, the schema registry, Postgres and ClickHouse …')
  const parts = await startParts(LOCAL, screen.line)
  running.push(parts)
  stopping.signal.throwIfAborted()
  removeEndpoints()
  const [amazon] = await Promise.all([
    startAmazon(parts),
    prepareTopics(settingsFrom({ ...process.env, KAFKA_BROKERS: parts.urls.kafka }), parts.urls.registry),
  ])
  stopping.signal.throwIfAborted()
  screen.say('Starting the services …')
  const secrets = keptSecrets()
  const backhaul = await startBackhaul({
    servers: parts.urls,
    secrets,
    amazonUrl: amazon.url,
    archive: join(LOCAL, 'archive'),
    children: parts.children,
    log: screen.line,
    ports: await freePorts(),
    topicPrefix: process.env.TOPIC_PREFIX ?? '',
    environment: { REPORT_POLL_MS: '1000', POLL_MS: '500' },
  })
  running.push(backhaul)
  stopping.signal.throwIfAborted()
  for (const service of [...Object.values(backhaul.services), amazon]) void service.keepRunning()

  const endpoints = endpointsOf(parts, backhaul, amazon, secrets)
  const demo = new Demo(endpoints, secrets.apiKey)
  const integrationId = await demo.setUp()
  void demo.giveOrders(stopping.signal, (message) => screen.line('demo', message))
  writeEndpoints(endpoints)
  const ready = performance.now()
  const linked = await firstLinkedReturn(parts.urls.postgres, stopping.signal)
  if (stopping.signal.aborted) return
  screen.say(urlTable(endpoints, backhaul))
  const seconds = (from: number, to: number) => ((to - from) / 1000).toFixed(1)
  screen.say(
    `\nReady after ${seconds(began, ready)} s.${linked ? ` First linked ReturnOrder ${seconds(ready, performance.now())} s later.` : ''}`,
  )
  screen.say(tried(endpoints, integrationId))
}

/** The demo's days are laid around the day of its first start, so that a later one tells the same story. */
async function startAmazon(parts: Parts): Promise<ServiceProcess> {
  const state = join(LOCAL, 'amazon.json')
  const amazon = new ServiceProcess({
    name: 'amazon',
    start: [join(ROOT, 'infra', 'amazon-simulator', 'src', 'main.ts')],
    environment: { HTTP_PORT: String(await freePort(AMAZON_PORT)), STATE_FILE: state },
    children: parts.children,
    log: screen.line,
  })
  running.push(amazon)
  await amazon.start()
  return amazon
}

function endpointsOf(
  parts: Parts,
  { services }: Backhaul,
  amazon: ServiceProcess,
  { apiKey }: Secrets,
): Endpoints {
  return {
    ...parts.urls,
    configService: services['config-service'].url,
    reportFetcher: services['report-fetcher'].url,
    orderImporter: services['order-importer'].url,
    amazon: amazon.url,
    apiKey,
  }
}

/** Keys outlive a restart: what is encrypted and what callers hold stays good. */
function keptSecrets(): Secrets {
  const path = join(LOCAL, 'secrets.json')
  if (!existsSync(path)) writeFileSync(path, JSON.stringify(newSecrets()), { mode: 0o600 })
  return JSON.parse(readFileSync(path, 'utf8')) as Secrets
}

async function freePorts(): Promise<Record<ServiceName, number>> {
  const ports = Object.keys(services).map(async (name, n) => [name, await freePort(FIRST_PORT + n)])
  return Object.fromEntries(await Promise.all(ports))
}

/** Stops everything in reverse order; what is being started is started first, so that nothing is left running. */
async function end(code: number): Promise<void> {
  stopping.abort()
  if (code === 0 || running.length > 0) screen.say('\nStopping … (Ctrl-C again leaves at once)')
  await started.catch(() => {})
  if (running.length > 0) {
    removeEndpoints()
    for (const part of running.toReversed()) await part.stop()
    screen.say('Stopped. Data is kept in .local/; `npm run reset` empties it.')
  }
  process.exit(code)
}
