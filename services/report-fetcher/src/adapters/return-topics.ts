import type { AmazonReturnRow, ReportRun as ReportRunRecord } from '@backhaul/domain'
import type { KafkaClient } from '@backhaul/kafka'
import { type ReportRun, scopeOf } from '../report-run.ts'
import type { RowToPublish } from '../steps/compare-rows.ts'

const RUNS_PARTITION = 0

export type Kafka = KafkaClient<'report-fetcher'>
export type Writer = Awaited<ReturnType<Kafka['transactionalWriter']>>

/** Marks of records that are written again. */
export type ReplayHeaders = Readonly<Record<'replay-id' | 'replay-reason', string>>

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
 * @throws Fault `KAFKA_TRANSACTION_UNCERTAIN`, retryable: the record tells the next try whether it happened.
 */
export function publish(
  writer: Writer,
  run: ReportRun,
  rows: readonly RowToPublish[],
  replay?: ReplayHeaders,
): Promise<void> {
  const timestamp = run.archivedAt ?? run.startedAt
  return writer.transaction((outbox) => {
    for (const row of rows) {
      outbox.write('amazon-return-rows.v1', {
        key: row.row.orderReference,
        value: toReturnRow(run, row, replay ? 'rebuild' : run.source),
        eventId: `${row.identity.rowId}:${run.documentSha256}:${row.row.rowNumber}`,
        timestamp,
        ...(replay && { headers: replay }),
      })
    }
    outbox.write('report-runs.v1', {
      key: run.integrationId,
      value: toReportRunRecord(run),
      eventId: `${run.id}:${stageOf(run)}`,
      timestamp: run.endedAt ?? timestamp,
      ...(replay && { headers: replay }),
    })
  })
}

function stageOf(run: ReportRun): string {
  if (run.endedAt !== null) return 'end'
  return run.position > 0 ? String(run.position) : 'begin'
}

/** The newest record of a run that a try before put on the topic and did not live to note; null when there is none. */
export async function toldBefore(kafka: Kafka, run: ReportRun): Promise<ReportRunRecord | null> {
  if (run.runsOffset === null) return null
  let newest: ReportRunRecord | null = null
  for await (const { value } of kafka.readToEnd('report-runs.v1', RUNS_PARTITION, BigInt(run.runsOffset))) {
    if (value?.reportRunId === run.id) newest = value
  }
  return newest
}

/** Where report-runs ends now: what is told from here on lies behind it. */
export const runsEnd = async (kafka: Kafka): Promise<number> =>
  Number(await kafka.endOffset('report-runs.v1', RUNS_PARTITION))

function toReturnRow(
  run: ReportRun,
  { row, identity, flags }: RowToPublish,
  source: AmazonReturnRow['source'],
): AmazonReturnRow {
  const fetchedAt = run.archivedAt ?? run.startedAt
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
    source,
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
    position: run.position,
    provenTo: run.provenTo,
    rowsByDay: run.rowsByDay,
  }
}
