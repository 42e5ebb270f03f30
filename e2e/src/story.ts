import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator } from '@backhaul/amazon-simulator'
import type { ReturnOrder } from '@backhaul/domain'
import { type ServiceName, topics } from '@backhaul/flow'
import type { KafkaClient } from '@backhaul/kafka'
import { type Backhaul, Children, newSecrets, startBackhaul } from '@backhaul/local'
import { actAs, freshClickHouse, freshDatabase, freshTopics, stack } from '@backhaul/testing'
import { type ClickHouseClient, createClient } from '@clickhouse/client'
import pg from 'pg'

const QUOTA_FACTOR = 1_000

/** The whole system of one test file: every service a process, an Amazon, topics and stores of its own. */
export interface Story {
  readonly backhaul: Backhaul
  readonly amazon: Awaited<ReturnType<typeof startSimulator>>['simulation']
  /** Every line that a service logged. */
  readonly logs: readonly string[]
  /** Folder of the document archive. */
  readonly archive: string
  readonly archiveKeys: string
  /** A client that reads what the services wrote. */
  readonly kafka: KafkaClient<'postgres-sink'>
  /** Calls the REST API of a service; a problem is thrown with its words. */
  call<T>(service: ServiceName, method: string, path: string, body?: unknown): Promise<T>
  /** Rows of a Postgres query. */
  query<T>(sql: string, values?: readonly unknown[]): Promise<T[]>
  readonly clickhouse: ClickHouseClient
  /** Rows of a ClickHouse query. */
  analytics<T>(sql: string): Promise<T[]>
  /** All committed events of `return-orders.v1`, partition by partition in the order of the log. */
  events(): Promise<ReturnOrder[]>
  stop(): Promise<void>
}

/**
 * Starts a story. The simulated Amazon has no returns but those that the test gives.
 *
 * @param clickhouseSettings Settings of the sink's connection, by name.
 */
export async function startStory(clickhouseSettings: Readonly<Record<string, string>> = {}): Promise<Story> {
  const [database, clickhouse, { prefix }, folder, simulator] = await Promise.all([
    freshDatabase(),
    freshClickHouse(),
    freshTopics(),
    mkdtemp(join(tmpdir(), 'backhaul-story-')),
    startSimulator({ pace: { queueMs: 20, progressMs: 20 }, quotaFactor: QUOTA_FACTOR }),
  ])
  simulator.simulation.worldReturns = false
  const archive = join(folder, 'archive')
  const sinkUrl = new URL(clickhouse.url)
  for (const [name, value] of Object.entries(clickhouseSettings)) {
    sinkUrl.searchParams.set(`clickhouse_setting_${name}`, value)
  }
  const logs: string[] = []
  const secrets = newSecrets()
  const backhaul = await startBackhaul({
    servers: { ...stack(), postgres: database.url, clickhouse: sinkUrl.href },
    secrets,
    amazonUrl: simulator.url,
    archive,
    children: new Children(folder),
    log: (_, line) => logs.push(line),
    topicPrefix: prefix,
    environment: {
      ...{ POLL_MS: '100', REPORT_POLL_MS: '100', INSERT_INTERVAL_MS: '50', LOG_LEVEL: 'debug' },
      AMAZON_QUOTA_FACTOR: String(QUOTA_FACTOR),
    },
  })
  const postgres = new pg.Pool({ connectionString: database.url, max: 2 })
  const client = createClient({
    url: clickhouse.url,
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  })
  const kafka = await actAs('postgres-sink', prefix)
  return {
    backhaul,
    amazon: simulator.simulation,
    logs,
    archive,
    archiveKeys: `local:${secrets.secretsKey}`,
    kafka,
    clickhouse: client,
    async call(service, method, path, body) {
      const json = body !== undefined && !(body instanceof FormData)
      const answer = await fetch(`${backhaul.services[service].url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${secrets.apiKey}`,
          ...(json && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: json ? JSON.stringify(body) : (body as FormData) }),
      })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`)
      return text === '' ? undefined : JSON.parse(text)
    },
    async query(sql, values = []) {
      return (await postgres.query(sql, [...values])).rows
    },
    async analytics<T>(sql: string) {
      return (await client.query({ query: sql, format: 'JSONEachRow' })).json<T>()
    },
    async events() {
      const events: ReturnOrder[] = []
      for (let partition = 0; partition < topics['return-orders.v1'].partitions; partition++) {
        for await (const { value } of kafka.readToEnd('return-orders.v1', partition)) {
          if (value) events.push(value)
        }
      }
      return events
    },
    async stop() {
      await backhaul.stop()
      await Promise.all([postgres.end(), client.close(), simulator.stop()])
      await Promise.all([database.drop(), clickhouse.drop(), rm(folder, { recursive: true, force: true })])
    },
  }
}
