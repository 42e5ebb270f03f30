export { type AccessToken, refreshAccessToken, type TokenRequest } from './access-token.ts'
export { AccessTokens, type IssuedToken, type TokenSource } from './access-tokens.ts'
export type { BudgetUse } from './budgeted-calls.ts'
export type { BudgetedCall, CallBudget, Priority, QuotaAnswer, Turn } from './call-budget.ts'
export { type Operation, SpApi, type SpApiOptions } from './client.ts'
export type { DocumentOptions } from './document-store.ts'
export { type Download, type DownloadOptions, downloadDocument } from './download.ts'
export { type SpApiCode, type SpApiDetails, SpApiError } from './errors.ts'
export { withFreshAddress } from './fresh-address.ts'
export type {
  Participation,
  ProcessingStatus,
  Report,
  ReportDocument,
  ReportRequest,
  ReportsQuery,
} from './reports.ts'
export { type UnpackLimits, unpacked } from './unpack.ts'
export { type Upload, uploadDocument } from './upload.ts'
