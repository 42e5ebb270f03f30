import type { Report } from '@backhaul/sp-api'
import type { Authorised } from '../src/adapters/settings.ts'
import type { ReportRun } from '../src/report-run.ts'
import { newRun } from '../src/scheduler.ts'

export const DAY_MS = 86_400_000
export const HOUR_MS = 3_600_000

const integration: Authorised = {
  id: 'int',
  tenantId: 'tenant',
  version: 1,
  state: 'active',
  intervalHours: 2,
  automaticImport: true,
  initialReportStartTime: '2026-01-01 00:00:00',
  mainMarketplace: 'DE',
  region: 'eu',
  sellerId: 'SELLER',
  marketplaces: [],
}

/** A run of a marketplace called DE. */
export const plannedRun = (given: Partial<ReportRun> = {}): ReportRun => ({
  ...newRun(integration, 'DE', 'channel', given.startedAt ?? 0),
  ...given,
})

const NO_DETAILS = {
  reportScheduleId: undefined,
  processingStartTime: undefined,
  processingEndTime: undefined,
  reportDocumentId: undefined,
}

/** A report of a run's kind at Amazon. */
export const reportOf = (
  run: ReportRun,
  given: Partial<Omit<Report, 'createdTime'>> & { createdTime: number },
): Report => ({
  reportId: 'report',
  reportType: run.reportType,
  marketplaceIds: [run.marketplaceId],
  processingStatus: 'DONE',
  ...NO_DETAILS,
  dataStartTime: new Date(run.windowFrom ?? 0).toISOString(),
  dataEndTime: new Date(run.windowTo ?? 0).toISOString(),
  ...given,
  createdTime: new Date(given.createdTime).toISOString(),
})
