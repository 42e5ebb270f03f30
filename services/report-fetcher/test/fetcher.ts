import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { amazonDay, COLUMNS, demoSeller, parseScenario, startSimulator } from '@backhaul/amazon-simulator'
import type { AmazonReturnRow, ReportRun as ReportRunRecord } from '@backhaul/domain'
import { topics } from '@backhaul/flow'
import { type StartedService, startService } from '@backhaul/runtime'
import { actAs, eventually, freshDatabase, freshTopics } from '@backhaul/testing'
import pg from 'pg'
import { pino } from 'pino'
import { expect } from 'vitest'
import type { Integration } from '../src/adapters/settings.ts'
import { service } from '../src/service.ts'
import { ConfigServiceStub } from './config-service-stub.ts'

export const DAY_MS = 86_400_000
export const HOUR_MS = 3_600_000
export const [DE, FR, GB] = demoSeller.marketplaces
export const US = 'ATVPDKIKX0DER'
export const JP = 'A1VC38T7YXB528'
const QUOTA_FACTOR = 10_000

/** Sellers that integrations of tests are of, one after the other. */
const scenario = JSON.stringify({
  about: 'sellers of tests',
  sellers: [
    { sellerId: demoSeller.sellerId, marketplaces: demoSeller.marketplaces },
    { sellerId: 'SHARED', marketplaces: demoSeller.marketplaces },
    { sellerId: 'SELLER', count: 80, marketplaces: demoSeller.marketplaces },
    { sellerId: 'FBA-ONLY', programme: 'fba', marketplaces: demoSeller.marketplaces },
    { sellerId: 'OF-AMERICA', marketplaces: [US] },
    { sellerId: 'OF-JAPAN', marketplaces: [JP] },
  ],
})

export type Simulation = Awaited<ReturnType<typeof startSimulator>>['simulation']

/** What the API answers, by route; a problem has code and detail. */
export interface Answer extends RunAnswer {
  readonly items: RunAnswer[]
  readonly reportRunIds: string[]
  readonly line: string
  readonly code: string
  readonly detail: string
}

/** A report run as the API tells it. */
export interface RunAnswer {
  readonly reportRunId: string
  readonly integrationId: string
  readonly marketplaceId: string
  readonly state: string
  readonly source: string
  readonly reportId: string | null
  readonly counts: {
    rowsInDocument: number
    new: number
    changed: number
    unchanged: number
    skipped: Record<string, number>
    rejected: Record<string, number>
  } | null
  readonly rejectedRows: readonly { rowNumber: number; reason: string }[]
  readonly documentSha256: string | null
  readonly windowFrom: string | null
  readonly windowTo: string | null
  readonly cancelledClass: string | null
  readonly error: string | null
}

/** All that a fetcher stands on, and the fetcher; one for each test file. */
export async function startGround() {
  const [database, topicsOfItsOwn, archive, amazon] = await Promise.all([
    freshDatabase(),
    freshTopics(),
    mkdtemp(join(tmpdir(), 'backhaul-archive-')),
    startSimulator({
      pace: { queueMs: 0, progressMs: 0 },
      quotaFactor: QUOTA_FACTOR,
      scenario: parseScenario(scenario),
    }),
  ])
  const { prefix } = topicsOfItsOwn
  const stub = new ConfigServiceStub(amazon.simulation)
  const environment: Record<string, string> = {
    ...topicsOfItsOwn.environment,
    DATABASE_URL: database.url,
    CONFIG_SERVICE_URL: await stub.start(),
    SERVICE_API_KEY: 'service-key-of-a-test',
    ARCHIVE_DIR: archive,
    ARCHIVE_KEYS: `test:${randomBytes(32).toString('base64')}`,
    AMAZON_URL: amazon.url,
    POLL_MS: '50',
    REPORT_POLL_MS: '50',
    AMAZON_QUOTA_FACTOR: String(QUOTA_FACTOR),
    LOG_LEVEL: 'debug',
  }
  let integrations = 0
  const logs: string[] = []
  const failures: unknown[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => void logs.push(line) })
  const clock = { aheadMs: 0, now: () => Date.now() + clock.aheadMs }
  const reader = await actAs('reconciler', prefix)
  const runsReader = await actAs('clickhouse-sink', prefix)
  const postgres = new pg.Pool({ connectionString: database.url, max: 2 })
  let running: StartedService | undefined

  const call = async (
    method: string,
    path: string,
    { tenant = 'tenant-1', body }: { tenant?: string; body?: FormData } = {},
  ) => {
    const url = `${running?.url}${path}`
    const answer = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${tenant}` },
      ...(body && { body }),
    })
    return { status: answer.status, body: (await answer.json()) as Answer }
  }
  const runs = async (integrationId: string): Promise<RunAnswer[]> =>
    (
      await call('GET', `/v1/report-runs?limit=200&integrationId=${integrationId}`, {
        tenant: tenantOf(integrationId),
      })
    ).body.items
  const tenantOf = (integrationId: string) =>
    stub.integrations.find((i) => i.id === integrationId)?.tenantId ?? 'tenant-1'

  return {
    amazon: amazon.simulation,
    archive,
    call,
    clock,
    config: stub,
    environment,
    failures,
    logs,
    postgres,
    prefix,
    runs,
    runsReader,

    async start() {
      running = await startService(service, {
        environment,
        clock,
        log: log as never,
        onFailure: (error) => void failures.push(error),
      })
    },
    async stop() {
      await running?.stop()
      running = undefined
    },
    url: () => running?.url as string,

    /** An integration of a seller of its own, mapped and authorised; it is fetched as soon as it is there. */
    integration(given: Partial<Integration> & { mapped?: readonly string[] } = {}): Integration {
      const { mapped = [DE], ...own } = given
      const integration: Integration = {
        id: `int-${randomUUID()}`,
        tenantId: 'tenant-1',
        version: 3,
        state: 'active',
        intervalHours: 2,
        automaticImport: true,
        initialReportStartTime: `${new Date(clock.now() - 50 * DAY_MS).toISOString().slice(0, 10)} 00:00:00`,
        mainMarketplace: 'DE',
        region: 'eu',
        sellerId: `SELLER-${++integrations}`,
        marketplaces: mapped.map((marketplaceId) => ({
          marketplaceId,
          channelId: `channel-${marketplaceId}`,
        })),
        ...own,
      }
      stub.integrations = [...stub.integrations, integration]
      return integration
    },

    /** Asks for a fetch now and waits until its runs have ended. */
    async fetchNow({ id, tenantId }: Integration): Promise<RunAnswer[]> {
      await eventually(async () => expect((await runs(id)).every((run) => isEnded(run))).toBe(true))
      const { body } = await call('POST', `/v1/integrations/${id}/fetches`, { tenant: tenantId })
      return Promise.all(body.reportRunIds.map((runId: string) => this.ended(runId, tenantId)))
    },

    /** Waits until the runs of an integration have ended. */
    async allEnded({ id }: Integration, count: number): Promise<RunAnswer[]> {
      return eventually(async () => {
        const found = await runs(id)
        expect(found.filter(isEnded)).toHaveLength(count)
        return found
      })
    },

    async ended(runId: string, tenant = 'tenant-1'): Promise<RunAnswer> {
      return eventually(async () => {
        const { body } = await call('GET', `/v1/report-runs/${runId}`, { tenant })
        expect(isEnded(body), JSON.stringify(body)).toBe(true)
        return body
      })
    },

    async import(
      { id, tenantId }: Pick<Integration, 'id' | 'tenantId'>,
      file: string | Uint8Array,
      { marketplaceId = DE as string, fields = {} as Record<string, string> } = {},
    ) {
      const form = new FormData()
      form.set('integrationId', id)
      form.set('marketplaceId', marketplaceId)
      for (const [name, value] of Object.entries(fields)) form.set(name, value)
      form.set('file', new Blob([file as never]), 'returns.tsv')
      return call('POST', '/v1/imports', { tenant: tenantId, body: form })
    },

    /** Rows on the topic of one integration, in the order of the log of each partition. */
    async published({ id }: Pick<Integration, 'id'>): Promise<AmazonReturnRow[]> {
      const rows: AmazonReturnRow[] = []
      for (let partition = 0; partition < topics['amazon-return-rows.v1'].partitions; partition++) {
        for await (const { value } of reader.readToEnd('amazon-return-rows.v1', partition)) {
          if (value?.integrationId === id) rows.push(value)
        }
      }
      return rows
    },

    /** Records of the runs of one integration. */
    async announced({ id }: Pick<Integration, 'id'>): Promise<ReportRunRecord[]> {
      const records: ReportRunRecord[] = []
      for await (const { value } of runsReader.readToEnd('report-runs.v1', 0)) {
        if (value?.integrationId === id) records.push(value)
      }
      return records
    },

    async close() {
      await this.stop()
      await Promise.all([postgres.end(), amazon.stop(), stub.stop()])
      await Promise.all([database.drop(), rm(archive, { recursive: true, force: true })])
    },
  }
}

export type Ground = Awaited<ReturnType<typeof startGround>>

const ENDED = new Set(['PUBLISHED', 'EMPTY', 'CANCELLED', 'FATAL', 'QUARANTINED'])
const isEnded = (run: RunAnswer) => ENDED.has(run.state)

/** A row of a report, by column; each call another order. */
export function reportRow(given: Record<string, string> = {}): Record<string, string> {
  const digits = (count: number) => String(Math.floor(Math.random() * 10 ** count)).padStart(count, '0')
  return {
    'Order ID': `303-${digits(7)}-${digits(7)}`,
    'Order date': amazonDay(Date.now() - 20 * DAY_MS),
    'Return request date': amazonDay(Date.now() - 10 * DAY_MS),
    'Return request status': 'Approved',
    'Amazon RMA ID': `D${digits(7)}RRMA`,
    'Label type': 'AmazonPrePaidLabel',
    'Currency code': 'EUR',
    ASIN: 'B000000001',
    'Merchant SKU': '00123',
    'Item Name': 'Kaffeemühle, groß',
    'Return quantity': '1',
    'Return Reason': 'CR-DEFECTIVE',
    'Order quantity': '1',
    ...given,
  }
}

/** A document as a seller would upload it. */
export const documentOf = (
  rows: readonly Record<string, string>[],
  columns: readonly string[] = COLUMNS,
): string =>
  [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ' '))]
    .map((cells) => cells.join('\t'))
    .join('\n')

/** What stands behind the equals sign of the conservation law. */
export const sumOf = (counts: NonNullable<RunAnswer['counts']>): number => {
  const all = (of: Record<string, number>) => Object.values(of).reduce((a, b) => a + b, 0)
  return counts.new + counts.changed + counts.unchanged + all(counts.skipped) + all(counts.rejected)
}
