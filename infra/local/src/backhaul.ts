import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { demoSeller } from '@backhaul/amazon-simulator'
import { type ServiceName, services } from '@backhaul/flow'
import type { Children } from './children.ts'
import type { PartContext } from './parts/part.ts'
import type { Parts } from './parts.ts'
import { ServiceProcess } from './service-process.ts'
import { startArguments } from './start-script.ts'

/** Keys of one installation; made once, kept with its state. */
export interface Secrets {
  /** The tenant's full key. */
  readonly apiKey: string
  /** Key of Backhaul's own services. */
  readonly serviceApiKey: string
  readonly apiKeyPepper: string
  /** 32 bytes, base64. */
  readonly secretsKey: string
}

export function newSecrets(): Secrets {
  const random = () => randomBytes(24).toString('base64url')
  return {
    apiKey: random(),
    serviceApiKey: random(),
    apiKeyPepper: random(),
    secretsKey: randomBytes(32).toString('base64'),
  }
}

export interface BackhaulOptions {
  readonly servers: Parts['urls']
  readonly secrets: Secrets
  readonly amazonUrl: string
  /** Folder of the document archive; the reconciler's snapshots stand beside it. */
  readonly archive: string
  readonly children: Children
  readonly log: PartContext['log']
  /** Ports to listen on; any free one where none is given. */
  readonly ports?: Readonly<Partial<Record<ServiceName, number>>>
  /** Prefix of topics, groups and of the processes' records. */
  readonly topicPrefix?: string
  /** Variables for all services, over those that follow from the rest. */
  readonly environment?: Readonly<Record<string, string>>
}

/** All services as processes. */
export interface Backhaul {
  readonly services: Readonly<Record<ServiceName, ServiceProcess>>
  /** Stops those that read before those that they read from. */
  stop(): Promise<void>
}

/** Starts all services, each a process of its own, and waits until each is ready. Topics and schemas must be there. */
export async function startBackhaul(options: BackhaulOptions): Promise<Backhaul> {
  const { servers, secrets, amazonUrl, archive, children, log, ports = {}, topicPrefix = '' } = options
  const names = Object.keys(services) as ServiceName[]
  const environment: Record<string, string> = {
    KAFKA_BROKERS: servers.kafka,
    SCHEMA_REGISTRY_URL: servers.registry,
    DATABASE_URL: servers.postgres,
    CLICKHOUSE_URL: servers.clickhouse,
    TOPIC_PREFIX: topicPrefix,
    AMAZON_URL: amazonUrl,
    ARCHIVE_DIR: archive,
    STATE_FOLDER: join(dirname(archive), 'state'),
    ARCHIVE_KEYS: `local:${secrets.secretsKey}`,
    SERVICE_API_KEY: secrets.serviceApiKey,
    BOOTSTRAP_API_KEY: secrets.apiKey,
    API_KEY_PEPPER: secrets.apiKeyPepper,
    SECRETS_KEY: secrets.secretsKey,
    LWA_CLIENT_ID: demoSeller.clientId,
    LWA_CLIENT_SECRET: demoSeller.clientSecret,
    ...options.environment,
  }
  const processes = new Map<ServiceName, ServiceProcess>()
  const start = async (name: ServiceName) => {
    const process = new ServiceProcess({
      name: `${topicPrefix}${name}`,
      start: startArguments(name),
      environment: { ...environment, HTTP_PORT: String(ports[name] ?? 0) },
      children,
      log: (_, line) => log(name, line),
    })
    processes.set(name, process)
    await process.start()
  }
  const stop = async () => {
    for (const name of names.toReversed()) await processes.get(name)?.stop()
  }
  try {
    await start('config-service')
    environment.CONFIG_SERVICE_URL = (processes.get('config-service') as ServiceProcess).url
    await Promise.all(names.filter((name) => name !== 'config-service').map(start))
    await Promise.all([...processes.values()].map((process) => process.ready()))
  } catch (error) {
    await stop()
    throw error
  }
  return { services: Object.fromEntries(processes) as Backhaul['services'], stop }
}
