export { readFlag, readTracking, readUnits } from './cells.ts'
export { readDate, toAmazonDay } from './dates.ts'
export { Fault, type FaultOptions, isRetryable } from './fault.ts'
export {
  type Marketplace,
  marketplaceByCountry,
  marketplaceById,
  marketplaces,
  type Region,
} from './marketplaces.ts'
export { memo } from './memo.ts'
export { readMoney } from './money.ts'
export * from './reconcile/index.ts'
export * from './records.ts'
export { type KnownReason, knownReasons, normaliseReason } from './return-reasons.ts'
export * from './return-report/index.ts'
export type { Instant, LocalDate } from './time.ts'
export { uuidOf } from './uuid.ts'
