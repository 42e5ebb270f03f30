import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { demoSeller, startSimulator } from '@backhaul/amazon-simulator'
import type { ReturnOrder } from '@backhaul/domain'
import { type ServiceName, topics } from '@backhaul/flow'
import type { KafkaClient } from '@backhaul/kafka'
import { type Backhaul, Children, newSecrets, startBackhaul, TEST } from '@backhaul/local'
import { actAs, freshClickHouse, freshDatabase, freshTopics, stack } from '@backhaul/testing'
import { createClient } from '@clickhouse/client'
import pg from 'pg'

/** The demo account's marketplaces. */
export const [DE, FR, GB] = demoSeller.marketplaces

/** The whole system of one test file: every service a process, an Amazon, topics and stores of its own. */
export interface Story {
  readonly backhaul: Backhaul
  readonly amazon: Awaited<ReturnType<typeof startSimulator>>['simulation']
  readonly postgres: pg.Pool
  /** Every line that a service logged. */
  readonly logs: readonly string[]
  /** Folder of the document archive. */
  readonly archive: string
  readonly topicPrefix: string
  /** A client that reads what the services wrote. */
  readonly kafka: KafkaClient<'postgres-sink'>
  /** Calls the REST API of a service; a problem is thrown with its words. */
  call<T>(service: ServiceName, method: string, path: string, body?: unknown): Promise<T>
  /** Rows of a ClickHouse query. */
  analytics<T>(query: string): Promise<T[]>
  /** All committed events of `return-orders.v1`, partition by partition in the order of the log. */
  events(): Promise<ReturnOrder[]>
  stop(): Promise<void>
}

/** Starts a story. The simulated Amazon has no returns but those that the test gives. */
export async function startStory(): Promise<Story> {
  const [database, clickhouse, topicsOfItsOwn, archive, simulator] = await Promise.all([
    freshDatabase(),
    freshClickHouse(),
    freshTopics(),
    mkdtemp(join(tmpdir(), 'backhaul-archive-')),
    startSimulator({ pace: { queueMs: 20, progressMs: 20 }, quotaFactor: 1_000 }),
  ])
  simulator.simulation.worldReturns = false
  const { prefix } = topicsOfItsOwn
  const logs: string[] = []
  const secrets = newSecrets()
  const backhaul = await startBackhaul({
    servers: { ...stack(), postgres: database.url, clickhouse: clickhouse.url },
    secrets,
    amazonUrl: simulator.url,
    archive,
    children: new Children(TEST),
    log: (_, line) => logs.push(line),
    topicPrefix: prefix,
    environment: { POLL_MS: '100', REPORT_POLL_MS: '100', LOG_LEVEL: 'debug' },
  })
  const postgres = new pg.Pool({ connectionString: database.url, max: 2 })
  const analytics = createClient({ url: clickhouse.url })
  const kafka = await actAs('postgres-sink', prefix)
  return {
    backhaul,
    amazon: simulator.simulation,
    postgres,
    logs,
    archive,
    topicPrefix: prefix,
    kafka,
    async call(service, method, path, body) {
      const answer = await fetch(`${backhaul.services[service].url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${secrets.apiKey}`,
          ...(body !== undefined && !(body instanceof FormData) && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: body instanceof FormData ? body : JSON.stringify(body) }),
      })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`)
      return text === '' ? undefined : JSON.parse(text)
    },
    async analytics<T>(query: string) {
      return (await analytics.query({ query, format: 'JSONEachRow' })).json<T>()
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
      await Promise.all([postgres.end(), analytics.close(), simulator.stop()])
      await Promise.all([database.drop(), clickhouse.drop(), rm(archive, { recursive: true, force: true })])
    },
  }
}

/** An integration that is ready to fetch, and the channels that its marketplaces are mapped to. */
export interface Seller {
  readonly integrationId: string
  /** Channel by marketplace. */
  readonly channels: Readonly<Record<string, string>>
  readonly returnReasonId: string
}

/** Sets a seller up by REST: a channel a marketplace, a return reason for `CR-DEFECTIVE`, mappings, authorisation. */
export async function setUpSeller({ call }: Story, marketplaceIds: readonly string[]): Promise<Seller> {
  const settings = <T>(method: string, path: string, body: object) =>
    call<T & { id: string }>('config-service', method, path, body)
  const channels: Record<string, string> = {}
  for (const marketplaceId of marketplaceIds) {
    const { id } = await settings('POST', '/v1/channels', { name: `Channel of ${marketplaceId}` })
    channels[marketplaceId] = id
  }
  const { id: returnReasonId } = await settings('POST', '/v1/return-reasons', {
    code: randomUUID(),
    name: 'Defective',
  })
  const { id: integrationId } = await settings('POST', '/v1/integrations', {
    name: `Integration ${randomUUID()}`,
    initialReportStartTime: `${new Date(Date.now() - 50 * 86_400_000).toISOString().slice(0, 10)} 00:00:00`,
    mainMarketplace: 'DE',
  })
  const path = `/v1/integrations/${integrationId}`
  await settings('PUT', `${path}/reason-mapping`, {
    mappings: [{ amazonReason: 'CR-DEFECTIVE', returnReasonId }],
  })
  await settings('PUT', `${path}/marketplace-mapping`, {
    mappings: Object.entries(channels).map(([marketplaceId, channelId]) => ({ marketplaceId, channelId })),
  })
  const { sellerId, refreshToken } = demoSeller
  await settings('PUT', `${path}/authorisation`, { sellerId, refreshToken })
  return { integrationId, channels, returnReasonId }
}
