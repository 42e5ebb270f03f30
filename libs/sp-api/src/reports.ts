import { z } from 'zod'

/** ISO text, in whatever spelling: one odd instant must not hide a list of reports. */
const instant = z.string()

/** States of a report at Amazon. Source: Reports API 2021-06-30. */
export const processingStatus = z.enum(['IN_QUEUE', 'IN_PROGRESS', 'DONE', 'CANCELLED', 'FATAL'])
export type ProcessingStatus = z.infer<typeof processingStatus>

export const report = z.object({
  reportId: z.string().min(1),
  reportType: z.string(),
  processingStatus,
  createdTime: instant,
  marketplaceIds: z.array(z.string()).nullish().transform(orNone),
  dataStartTime: instant.nullish().transform(orNone),
  dataEndTime: instant.nullish().transform(orNone),
  reportScheduleId: z.string().nullish().transform(orNone),
  processingStartTime: instant.nullish().transform(orNone),
  processingEndTime: instant.nullish().transform(orNone),
  reportDocumentId: z.string().nullish().transform(orNone),
})

/** A report as Amazon tells it; its id is unique only together with the seller. Instants are ISO text. */
export type Report = z.infer<typeof report>

export const createdReport = z.object({ reportId: z.string().min(1) })

export const reportsPage = z.object({
  reports: z.array(report),
  nextToken: z.string().nullish().transform(orNone),
})

export const reportDocument = z.object({
  reportDocumentId: z.string().min(1),
  url: z.url(),
  compressionAlgorithm: z.string().nullish().transform(orNone),
})

/** Where a document lies. The address is signed and lives five minutes: use it at once, never keep or log it. */
export type ReportDocument = z.infer<typeof reportDocument>

export const participations = z.object({
  payload: z.array(
    z.object({
      marketplace: z.object({ id: z.string() }),
      participation: z.object({ isParticipating: z.boolean() }),
    }),
  ),
})

/** What a report is asked for. Instants are ISO text, at or before now; `[from, to)` of at most 60 days for returns. */
export interface ReportRequest {
  readonly reportType: string
  readonly marketplaceIds: readonly string[]
  readonly dataStartTime: string
  readonly dataEndTime: string
  readonly reportOptions?: Readonly<Record<string, string>>
}

/** Which reports are listed. `createdSince` is ISO text; Amazon keeps reports for 90 days. */
export interface ReportsQuery {
  readonly reportTypes: readonly string[]
  readonly marketplaceIds: readonly string[]
  readonly createdSince: string
  readonly processingStatuses?: readonly ProcessingStatus[]
}

/** A marketplace that the account has to do with. */
export interface Participation {
  readonly marketplaceId: string
  readonly isParticipating: boolean
}

/** Optional fields are null now and then, or left out. */
function orNone<T>(value: T | null | undefined): T | undefined {
  return value ?? undefined
}
