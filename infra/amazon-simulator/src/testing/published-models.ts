import type * as models from '@sp-api-sdk/reports-api-2021-06-30'

// Amazon's published models, by which `conformance.test.ts` judges answers. Named here, because schemas are made from
// types of our own files only.
export type CreateReportResponse = models.CreateReportResponse
export type CreateReportScheduleResponse = models.CreateReportScheduleResponse
export type GetReportsResponse = models.GetReportsResponse
export type Report = models.Report
export type ReportDocument = models.ReportDocument
export type ReportSchedule = models.ReportSchedule
export type ReportScheduleList = models.ReportScheduleList
/** One of `ErrorList`; the package's own list means JavaScript's Error. */
export type AmazonError = models.ModelError
