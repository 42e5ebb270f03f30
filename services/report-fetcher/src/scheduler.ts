import { randomUUID } from 'node:crypto'
import { marketplaceByCountry } from '@backhaul/domain'
import type { Ledger } from './adapters/ledger.ts'
import { type Authorised, type Integration, isAuthorised } from './adapters/settings.ts'
import { RETURNS_REPORT, type ReportRun } from './report-run.ts'
import { startOf, windowsOf } from './windows.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** Amazon refuses windows that end in its future, and its clock may be behind ours. */
const CLOCK_MARGIN_MS = MINUTE_MS

/**
 * Plans what is due of one integration: for each mapped marketplace one report a window (RC-41, RC-44). An integration
 * without authorisation or mapping is asked nothing (RC-36), one whose automatic import is off only by hand (SC-13, OD-12).
 *
 * @param force Plan now, whether due or not.
 */
export async function planIntegration(
  integration: Integration,
  ledger: Ledger,
  now: number,
  force = false,
): Promise<ReportRun[]> {
  if (integration.state !== 'active' || !isAuthorised(integration)) return []
  if (!integration.automaticImport && !force) return []
  // Whole minutes: Amazon tells a window back in seconds, and a lost report is known by it.
  const upTo = Math.floor((now - CLOCK_MARGIN_MS) / MINUTE_MS) * MINUTE_MS
  const start = startOfIntegration(integration).at
  const planned: ReportRun[] = []
  for (const { marketplaceId, channelId } of integration.marketplaces) {
    const intervalMs = integration.intervalHours * HOUR_MS
    const { id: integrationId, version } = integration
    const cycle = { integrationId, marketplaceId, now, intervalMs, force, version }
    // Who asks to fetch now wants what is new, not what a schedule has read.
    const adoptSince = force ? null : now - intervalMs
    const runs = await ledger.planCycle(cycle, (readUpTo) =>
      windowsOf(start, readUpTo, upTo).map(({ from, to }) => ({
        ...newRun(integration, marketplaceId, channelId, now),
        windowFrom: from,
        windowTo: to,
        adoptSince,
      })),
    )
    planned.push(...runs)
  }
  return planned
}

/** Plans the next slices of backfills, of integrations that can be read now. */
export function planBackfills(
  integrations: readonly Integration[],
  ledger: Ledger,
  now: number,
): Promise<ReportRun[]> {
  return ledger.backfills.planNext(now, (backfill, marketplaceId, { from, to }) => {
    const integration = integrations.find((i) => i.id === backfill.integrationId)
    const mapped = integration?.marketplaces.find((m) => m.marketplaceId === marketplaceId)
    if (!integration || !mapped || integration.state !== 'active' || !isAuthorised(integration)) return null
    return {
      ...newRun(integration, marketplaceId, mapped.channelId, now),
      backfillId: backfill.id,
      windowFrom: from,
      windowTo: to,
      // Asked for on purpose, whatever the start time; a day more, as a day of a marketplace begins before UTC's.
      startDay: new Date(backfill.from - DAY_MS).toISOString().slice(0, 10),
    }
  })
}

/** A run that has only been thought of. */
export function newRun(
  integration: Authorised,
  marketplaceId: string,
  channelId: string,
  now: number,
): ReportRun {
  return {
    id: `run_${randomUUID()}`,
    tenantId: integration.tenantId,
    integrationId: integration.id,
    configVersion: integration.version,
    sellerId: integration.sellerId,
    region: integration.region,
    marketplaceId,
    channelId,
    reportType: RETURNS_REPORT,
    source: 'api',
    backfillId: null,
    windowFrom: null,
    windowTo: null,
    plannedWindow: null,
    reportFrom: null,
    adoptSince: null,
    startDay: startOfIntegration(integration).day,
    state: 'PLANNED',
    revision: 0,
    begun: false,
    triedAt: null,
    reportId: null,
    askedAt: null,
    adopted: false,
    stuckAt: null,
    cancelTried: false,
    reportDocumentId: null,
    observedAt: null,
    archivedAt: null,
    documentSha256: null,
    bytes: null,
    runsOffset: null,
    chunks: null,
    position: 0,
    counts: null,
    rowsByDay: {},
    rejectedRows: [],
    cancelledClass: null,
    refused: false,
    provenTo: null,
    ending: null,
    error: null,
    waitingFor: null,
    failures: 0,
    startedAt: now,
    endedAt: null,
    notBefore: now,
  }
}

/** Start time of an integration, as an instant and as a day of its main marketplace. */
export function startOfIntegration({ initialReportStartTime, mainMarketplace }: Integration) {
  return startOf(initialReportStartTime, marketplaceByCountry(mainMarketplace)?.timeZone ?? 'UTC')
}
