import type { Reports } from '../reports/reports.ts'
import { toReport } from './to-report.ts'

/** Bounds of getReports. Source: Reports API 2021-06-30. */
const USUAL_PAGE = 10
const MOST_PAGE = 100
const MOST_FILTERED = 10
const USUAL_PAST_MS = 90 * 86_400_000

/** What a page was cut by; a token carries it, and where the next page begins. */
interface Cut {
  readonly reportTypes: readonly string[]
  readonly marketplaceIds?: readonly string[] | undefined
  readonly processingStatuses?: readonly string[] | undefined
  readonly createdSince: number
  readonly createdUntil: number
  readonly pageSize: number
  readonly offset: number
}

/** A page of a seller's reports, newest first, or what is wrong with the query in Amazon's manner. */
export function pageOfReports(book: Reports, sellerId: string, query: unknown, now: number): object | string {
  const cut = cutOf(query as Record<string, string | undefined>, now)
  if (typeof cut === 'string') return cut
  const all = book.list({ sellerId, ...cut })
  const end = cut.offset + cut.pageSize
  const reports = all.slice(cut.offset, end).map((report) => toReport(report, book.statusOf(report)))
  return { reports, ...(all.length > end && { nextToken: toToken({ ...cut, offset: end }) }) }
}

function cutOf(query: Record<string, string | undefined>, now: number): Cut | string {
  const { nextToken } = query
  if (nextToken) {
    if (Object.keys(query).length > 1) return 'nextToken must be the only parameter'
    return fromToken(nextToken) ?? 'nextToken is not valid'
  }
  const list = (name: string) => query[name]?.split(',')
  const reportTypes = list('reportTypes')
  if (!reportTypes) return 'reportTypes or nextToken is required'
  const marketplaceIds = list('marketplaceIds')
  for (const [name, values] of Object.entries({ reportTypes, marketplaceIds })) {
    if (values && values.length > MOST_FILTERED) return `At most ${MOST_FILTERED} ${name} are allowed`
  }
  const pageSize = Number(query.pageSize ?? USUAL_PAGE)
  if (!(pageSize >= 1 && pageSize <= MOST_PAGE)) return `pageSize must be between 1 and ${MOST_PAGE}`
  const instant = (name: string, otherwise: number) => (query[name] ? Date.parse(query[name]) : otherwise)
  const createdSince = instant('createdSince', now - USUAL_PAST_MS)
  const createdUntil = instant('createdUntil', now)
  if (Number.isNaN(createdSince) || Number.isNaN(createdUntil))
    return 'createdSince and createdUntil must be ISO 8601'
  const processingStatuses = list('processingStatuses')
  return { reportTypes, marketplaceIds, processingStatuses, createdSince, createdUntil, pageSize, offset: 0 }
}

const toToken = (cut: Cut): string => Buffer.from(JSON.stringify(cut)).toString('base64url')

function fromToken(token: string): Cut | null {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString()) as Cut
  } catch {
    return null
  }
}
