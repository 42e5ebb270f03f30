export { type AccessToken, refreshAccessToken, type TokenRequest } from './access-token.ts'
export {
  type Participation,
  type ProcessingStatus,
  type Report,
  type ReportDocument,
  type ReportRequest,
  SpApi,
  type SpApiOptions,
} from './client.ts'
export { type Download, downloadDocument } from './download.ts'
export { type SpApiCode, SpApiError } from './errors.ts'
export { RateLimiter } from './rate-limiter.ts'
