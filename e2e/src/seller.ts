import { randomUUID } from 'node:crypto'
import { demoSeller } from '@backhaul/amazon-simulator'
import { eventually } from '@backhaul/testing'
import type { Story } from './story.ts'

const DAY_MS = 86_400_000

/** Returns of these days are imported; every return that a test gives was asked for within them. */
const IMPORTED_DAYS = 50

/** The simulated account's marketplaces. */
export const [DE, FR, GB] = demoSeller.marketplaces

/** An integration that fetches, and the channels that its marketplaces are mapped to. */
export interface Seller {
  readonly integrationId: string
  /** Channel by marketplace; its name is `Channel of <marketplace>`. */
  readonly channels: Readonly<Record<string, string>>
  /** What `CR-DEFECTIVE` is mapped to. */
  readonly defective: string
}

/** A report run as the REST API tells it. */
export interface Run {
  readonly reportRunId: string
  readonly marketplaceId: string
  readonly state: string
  readonly reportId: string | null
  readonly windowFrom: string | null
  readonly windowTo: string | null
  readonly counts: {
    readonly rowsInDocument: number
    readonly new: number
    readonly changed: number
    readonly unchanged: number
    readonly skipped: Readonly<Record<string, number>>
    readonly rejected: Readonly<Record<string, number>>
  } | null
}

const ENDED = ['PUBLISHED', 'EMPTY', 'CANCELLED', 'FATAL', 'QUARANTINED']

/** Sets a seller up by REST, as a person would: a channel a marketplace, a return reason, mappings, authorisation. */
export async function setUpSeller({ call }: Story, marketplaceIds: readonly string[]): Promise<Seller> {
  const send = (method: string, path: string, body: object) =>
    call<{ id: string }>('config-service', method, path, body)
  const channels: Record<string, string> = {}
  for (const marketplaceId of marketplaceIds) {
    channels[marketplaceId] = (await send('POST', '/v1/channels', { name: `Channel of ${marketplaceId}` })).id
  }
  const { id: integrationId } = await send('POST', '/v1/integrations', {
    name: `Integration ${randomUUID()}`,
    initialReportStartTime: `${new Date(Date.now() - IMPORTED_DAYS * DAY_MS).toISOString().slice(0, 10)} 00:00:00`,
    mainMarketplace: 'DE',
  })
  const path = `/v1/integrations/${integrationId}`
  await send('PUT', `${path}/marketplace-mapping`, {
    mappings: Object.entries(channels).map(([marketplaceId, channelId]) => ({ marketplaceId, channelId })),
  })
  const { id: defective } = await send('POST', '/v1/return-reasons', { code: 'defective', name: 'Defective' })
  await mapReason(call, integrationId, 'CR-DEFECTIVE', defective)
  const { sellerId, refreshToken } = demoSeller
  await send('PUT', `${path}/authorisation`, { sellerId, refreshToken })
  return { integrationId, channels, defective }
}

/** Maps one of Amazon's reasons and no other. */
export async function mapReason(
  call: Story['call'],
  integrationId: string,
  amazonReason: string,
  returnReasonId: string,
): Promise<void> {
  const mappings = [{ amazonReason, returnReasonId }]
  await call('config-service', 'PUT', `/v1/integrations/${integrationId}/reason-mapping`, { mappings })
}

/** Has the reports of all marketplaces fetched once more. @returns The runs, once all have ended. */
export async function fetchReports({ call }: Story, { integrationId }: Seller): Promise<Run[]> {
  // Marketplaces whose last cycle is still open are left to it, so the one before is waited for.
  await eventually(async () => assertEnded(await runsOf(call, integrationId)))
  const path = `/v1/integrations/${integrationId}/fetches`
  const { reportRunIds } = await call<{ reportRunIds: string[] }>('report-fetcher', 'POST', path)
  return eventually(async () => assertEnded(await Promise.all(reportRunIds.map((id) => readRun(call, id)))))
}

/** What became of a run, once it has ended. */
export const endedRun = ({ call }: Story, reportRunId: string): Promise<Run> =>
  eventually(async () => assertEnded([await readRun(call, reportRunId)])[0] as Run)

/** All runs of an integration. */
export async function runsOf(call: Story['call'], integrationId: string): Promise<Run[]> {
  const runs: Run[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { items: Run[]; nextCursor: string | null } = await call(
      'report-fetcher',
      'GET',
      `/v1/report-runs?integrationId=${integrationId}&limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    )
    runs.push(...page.items)
    cursor = page.nextCursor
  }
  return runs
}

const readRun = (call: Story['call'], reportRunId: string) =>
  call<Run>('report-fetcher', 'GET', `/v1/report-runs/${reportRunId}`)

function assertEnded(runs: Run[]): Run[] {
  const open = runs.find((run) => !ENDED.includes(run.state))
  if (open) throw new Error(`Report run ${open.reportRunId} is still ${open.state}`)
  return runs
}
