import type { AmazonReturnRow, ReportRun as ReportRunRecord } from '@backhaul/domain'
import type { KafkaClient } from '@backhaul/kafka'
import { type ReportRun, scopeOf } from '../report-run.ts'
import type { RowToPublish } from './read-rows.ts'

const RUNS_PARTITION = 0

type Kafka = KafkaClient<'report-fetcher'>
export type Writer = Awaited<ReturnType<Kafka['transactionalWriter']>>

/**
 * Opens the one writer of a run's scope for a piece of work. Predecessors are fenced first and their transactions
 * settled, so that what the log and the ledger say afterwards stays true.
 */
export async function withWriter<T>(
  kafka: Kafka,
  run: ReportRun,
  work: (writer: Writer) => Promise<T>,
): Promise<T> {
  const writer = await kafka.transactionalWriter(scopeOf(run))
  try {
    return await work(writer)
  } finally {
    await writer.close()
  }
}

/**
 * Publishes rows and the record of their run in one transaction.
 *
 * @throws Fault `KAFKA_TRANSACTION_UNCERTAIN`, retryable: the END record tells the next try whether it happened.
 */
export function publish(
  writer: Writer,
  run: ReportRun,
  rows: readonly RowToPublish[],
  now: number,
): Promise<void> {
  return writer.transaction((outbox) => {
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
      eventId: `${run.id}:${run.endedAt === null ? 'begin' : 'end'}`,
      timestamp: now,
    })
  })
}

/** The END record of a run that was published by a try that did not live to note it; null when none was. */
export async function publishedBefore(kafka: Kafka, run: ReportRun): Promise<ReportRunRecord | null> {
  if (run.runsOffset === null) return null
  for await (const { value } of kafka.readToEnd('report-runs.v1', RUNS_PARTITION, BigInt(run.runsOffset))) {
    if (value?.reportRunId === run.id && value.state === 'PUBLISHED') return value
  }
  return null
}

/** Where report-runs ends now: an END record published from here on lies behind it. */
export const runsEnd = async (kafka: Kafka): Promise<number> =>
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
