import type { Seller } from '../sellers/sellers.ts'
import type { ReportRequest } from './report.ts'
import { REPORT_TYPES } from './report-types.ts'

/** Most marketplaces of a report. Source: Reports API 2021-06-30, createReport. */
const MOST_MARKETPLACES = 25

/** A report as a caller asks for it: instants may be left out, and are now then. */
export type AskedReport = Partial<ReportRequest> & Readonly<Record<string, unknown>>

/** The request with its defaults, or what is wrong with it in Amazon's manner. */
export function checkRequest(body: AskedReport, seller: Seller, now: number): ReportRequest | string {
  const { reportType, marketplaceIds } = body
  if (!reportType || !REPORT_TYPES[reportType]) return `Report type ${reportType} is not known`
  const fault = marketplaceFault(marketplaceIds, seller)
  if (fault) return fault
  const dataStartTime = body.dataStartTime ?? new Date(now).toISOString()
  const dataEndTime = body.dataEndTime ?? new Date(now).toISOString()
  const [start, end] = [Date.parse(dataStartTime), Date.parse(dataEndTime)]
  if (Number.isNaN(start) || Number.isNaN(end)) return 'dataStartTime and dataEndTime must be ISO 8601'
  if (end < start) return 'dataEndTime is before dataStartTime'
  if (end > now) return 'dataEndTime is in the future'
  return { reportType, marketplaceIds: marketplaceIds as readonly string[], dataStartTime, dataEndTime }
}

export function marketplaceFault(
  marketplaceIds: readonly string[] | undefined,
  seller: Seller,
): string | null {
  if (!marketplaceIds?.length) return 'marketplaceIds is required'
  if (marketplaceIds.length > MOST_MARKETPLACES)
    return `At most ${MOST_MARKETPLACES} marketplaceIds are allowed`
  const unknown = marketplaceIds.find((id) => !seller.spec.marketplaces.includes(id))
  return unknown === undefined ? null : `Marketplace ${unknown} is not of this account`
}
