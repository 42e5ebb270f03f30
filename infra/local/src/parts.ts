import { mkdirSync } from 'node:fs'
import { Children } from './children.ts'
import { takeFolder } from './folder-lock.ts'
import { ARTIFACTS } from './folders.ts'
import { startClickHouse } from './parts/clickhouse.ts'
import { startKafka } from './parts/kafka.ts'
import type { PartContext, RunningPart } from './parts/part.ts'
import { startPostgres } from './parts/postgres.ts'
import { startRegistry } from './parts/registry.ts'

const parts = {
  kafka: { variable: 'KAFKA_BROKERS', start: startKafka },
  registry: { variable: 'SCHEMA_REGISTRY_URL', start: startRegistry },
  postgres: { variable: 'DATABASE_URL', start: startPostgres },
  clickhouse: { variable: 'CLICKHOUSE_URL', start: startClickHouse },
} as const

export type PartName = keyof typeof parts

const names = Object.keys(parts) as PartName[]

/** The real server that the environment names in a part's place. */
const given = (name: PartName): string | undefined => process.env[parts[name].variable] || undefined

/** The servers that the environment names; null unless it names all of them. */
export function givenServers(): Parts['urls'] | null {
  if (!names.every(given)) return null
  return Object.fromEntries(names.map((name) => [name, given(name)])) as Parts['urls']
}

/** The servers of a stack, started here or given by the environment. */
export interface Parts {
  readonly urls: Readonly<Record<PartName, string>>
  readonly children: Children
  /** Stops what was started here, in reverse order. */
  stop(): Promise<void>
}

/**
 * Starts Kafka, the registry, Postgres and ClickHouse with all state in `folder`, in parallel, and waits until each is
 * ready. A server that the environment names (`KAFKA_BROKERS` …) is used instead of a part.
 *
 * @throws Error in one sentence: what is missing, who has the folder, or what a part said at its end.
 */
export async function startParts(folder: string, log: PartContext['log'] = () => {}): Promise<Parts> {
  const release = takeFolder(folder)
  mkdirSync(ARTIFACTS, { recursive: true })
  const children = new Children(folder)
  for (const name of await children.endLeftovers()) log('local', `ended ${name}, left by an earlier start`)
  const context: PartContext = { folder, artifacts: ARTIFACTS, children, log }
  const running = new Map<PartName, RunningPart>()

  const stop = async () => {
    const order: PartName[] = ['clickhouse', 'postgres', 'registry', 'kafka']
    for (const name of order) await running.get(name)?.stop()
    release()
  }
  const start = async (name: PartName): Promise<string> => {
    const url = given(name)
    if (url) return url
    const part = await parts[name].start(context)
    running.set(name, part)
    return part.url
  }
  const started = await Promise.allSettled(names.map(start))
  const failed = started.find((s) => s.status === 'rejected')
  if (failed) {
    await stop()
    throw failed.reason
  }
  const urls = Object.fromEntries(
    names.map((name, n) => [name, (started[n] as PromiseFulfilledResult<string>).value]),
  ) as Record<PartName, string>
  return { urls, children, stop }
}
