import { randomUUID } from 'node:crypto'
import { marketplaceByCountry } from '@backhaul/domain'
import type { Ledger } from './adapters/ledger.ts'
import type { Integration } from './adapters/settings.ts'
import { RETURNS_REPORT, type ReportRun } from './report-run.ts'
import { startOf, windowsOf } from './windows.ts'

const HOUR_MS = 3_600_000

/**
 * Plans what is due of one integration: for each mapped marketplace one report a window (RC-41, RC-44). An integration
 * without authorisation or mapping is asked nothing (RC-36).
 *
 * @param force Plan now, whether due or not.
 */
export async function planIntegration(
  integration: Integration,
  ledger: Ledger,
  now: number,
  force = false,
): Promise<ReportRun[]> {
  if (integration.state !== 'active' || integration.sellerId === null) return []
  const planned: ReportRun[] = []
  for (const { marketplaceId, channelId } of integration.marketplaces) {
    const nextDueAt = now + integration.intervalHours * HOUR_MS
    const runs = await ledger.planCycle(integration.id, marketplaceId, now, nextDueAt, force, (readUpTo) =>
      windowsOf(startOfIntegration(integration).at, readUpTo, now).map(({ from, to }) => ({
        ...newRun(integration, marketplaceId, channelId, now),
        windowFrom: from,
        windowTo: to,
      })),
    )
    planned.push(...runs)
  }
  return planned
}

/** A run that has only been thought of. */
export function newRun(
  integration: Integration,
  marketplaceId: string,
  channelId: string,
  now: number,
): ReportRun {
  return {
    id: `run_${randomUUID()}`,
    tenantId: integration.tenantId,
    integrationId: integration.id,
    configVersion: integration.version,
    sellerId: integration.sellerId ?? '',
    region: integration.region,
    marketplaceId,
    channelId,
    reportType: RETURNS_REPORT,
    source: 'api',
    windowFrom: null,
    windowTo: null,
    startDay: startOfIntegration(integration).day,
    state: 'PLANNED',
    requestTried: false,
    reportId: null,
    reportDocumentId: null,
    observedAt: null,
    documentSha256: null,
    bytes: null,
    runsOffset: null,
    counts: null,
    cancelledClass: null,
    error: null,
    startedAt: now,
    endedAt: null,
    notBefore: now,
  }
}

function startOfIntegration({ initialReportStartTime, mainMarketplace }: Integration) {
  return startOf(initialReportStartTime, marketplaceByCountry(mainMarketplace)?.timeZone ?? 'UTC')
}
