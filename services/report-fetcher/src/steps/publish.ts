import type { AmazonReturnRow, ReportRun as ReportRunRecord } from '@backhaul/domain'
import type { KafkaClient } from '@backhaul/kafka'
import type { ReportRun } from '../report-run.ts'
import type { RowToPublish } from './read-rows.ts'

const RUNS_PARTITION = 0

/** Publishes rows and the END record of their run in one transaction. Predecessors under this id are fenced first. */
export async function publish(
  kafka: KafkaClient<'report-fetcher'>,
  run: ReportRun,
  rows: readonly RowToPublish[],
  now: number,
): Promise<void> {
  const writer = await kafka.transactionalWriter(`${run.integrationId}-${run.marketplaceId}`)
  try {
    await writer.transaction((outbox) => {
      for (const row of rows) {
        outbox.write('amazon-return-rows.v1', {
          key: row.row.orderReference,
          value: toReturnRow(run, row, now),
          eventId: `${row.identity.rowId}:${run.documentSha256}:${row.row.rowNumber}`,
          timestamp: now,
        })
      }
      outbox.write('report-runs.v1', {
        key: run.integrationId,
        value: toReportRunRecord(run),
        eventId: `${run.id}:${run.state}`,
        timestamp: now,
      })
    })
  } finally {
    await writer.close()
  }
}

/**
 * Whether the END record of a run was published by a try that did not live to note it.
 * Opening the writer first settles whatever transaction that try left.
 */
export async function wasPublished(
  kafka: KafkaClient<'report-fetcher'>,
  run: ReportRun,
): Promise<ReportRunRecord | null> {
  if (run.runsOffset === null) return null
  const writer = await kafka.transactionalWriter(`${run.integrationId}-${run.marketplaceId}`)
  await writer.close()
  for await (const { value } of kafka.readToEnd('report-runs.v1', RUNS_PARTITION, BigInt(run.runsOffset))) {
    if (value?.reportRunId === run.id && value.state === 'PUBLISHED') return value
  }
  return null
}

/** Where report-runs ends now: an END record published from here on lies behind it. */
export const runsEnd = async (kafka: KafkaClient<'report-fetcher'>): Promise<number> =>
  Number(await kafka.endOffset('report-runs.v1', RUNS_PARTITION))

function toReturnRow(
  run: ReportRun,
  { row, identity, flags }: RowToPublish,
  fetchedAt: number,
): AmazonReturnRow {
  return {
    tenantId: run.tenantId,
    integrationId: run.integrationId,
    configVersion: run.configVersion,
    sellerId: run.sellerId,
    marketplaceId: run.marketplaceId,
    channelId: run.channelId,
    rowId: identity.rowId,
    returnId: identity.returnId,
    orderReference: row.orderReference,
    flags,
    ...row.cells,
    extra: row.extra,
    reportRunId: run.id,
    reportId: run.reportId,
    reportType: run.reportType,
    documentSha256: run.documentSha256 ?? '',
    rowNumber: row.rowNumber,
    windowFrom: run.windowFrom,
    windowTo: run.windowTo,
    observedAt: run.observedAt ?? fetchedAt,
    fetchedAt,
    source: run.source,
  }
}

/** The run as other services see it. */
export function toReportRunRecord(run: ReportRun): ReportRunRecord {
  return {
    reportRunId: run.id,
    tenantId: run.tenantId,
    integrationId: run.integrationId,
    sellerId: run.sellerId,
    marketplaceId: run.marketplaceId,
    reportType: run.reportType,
    reportId: run.reportId,
    windowFrom: run.windowFrom,
    windowTo: run.windowTo,
    state: run.state,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    documentSha256: run.documentSha256,
    bytes: run.bytes,
    rowsInDocument: run.counts?.rowsInDocument ?? 0,
    new: run.counts?.new ?? 0,
    changed: run.counts?.changed ?? 0,
    unchanged: run.counts?.unchanged ?? 0,
    skipped: run.counts?.skipped ?? {},
    rejected: run.counts?.rejected ?? {},
    cancelledClass: run.cancelledClass,
    error: run.error,
  }
}
