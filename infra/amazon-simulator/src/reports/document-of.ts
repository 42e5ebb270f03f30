import { usualCharset } from '../documents/charsets.ts'
import type { DocumentStyle, StoredDocument } from '../documents/document-style.ts'
import { columnsOf, renderFlatFile } from '../documents/flat-file.ts'
import type { LayoutName } from '../documents/layouts.ts'
import { allOrders, fbaReturns, HTML_ERROR_PAGE } from '../documents/other-reports.ts'
import { store, storeBytes } from '../documents/store.ts'
import { renderXml } from '../documents/xml.ts'
import { randomFrom } from '../random.ts'
import type { Seller } from '../sellers/sellers.ts'
import { amazonDay, lineAt, lineOf, type ReportRow, type ReturnLine } from '../world/return-row.ts'
import { worldOf } from '../world/world.ts'
import type { ReportRequest } from './report.ts'
import { REPORT_TYPES } from './report-types.ts'

const GB = 'A1F83G8C2ARO7P'
const HOUR_MS = 3_600_000
const STRANGER_SEED = 99_991
const STRANGER_ORDERS = 50
const RANDOM_BYTES = 4_096

/** What tests put beside a seller's own returns. */
export interface Given {
  readonly rows: ReadonlyMap<string, readonly ReportRow[]>
  readonly extraColumns: Readonly<Record<string, string>>
  /** False leaves the sellers' own returns out. */
  readonly worldReturns: boolean
}

export interface DocumentOrder {
  readonly request: ReportRequest
  readonly seller: Seller
  readonly given: Given
  readonly style: DocumentStyle
  /** How far the sellers' story has come when the report is made. */
  readonly storyNow: number
  readonly epoch: number
}

/** The document that answers a request; null when there is no data for it. */
export function documentOf(order: DocumentOrder): StoredDocument | null {
  const { request, style } = order
  const marketplaceId = request.marketplaceIds[0] as string
  const content = style.content ?? REPORT_TYPES[request.reportType]?.content ?? 'returns'
  const usual = { charset: usualCharset(marketplaceId) }
  const part = { marketplaceId, from: Date.parse(request.dataStartTime), to: Date.parse(request.dataEndTime) }
  const stored = (text: string | null) => (text === null ? null : store(text, style, usual))
  switch (content) {
    case 'returns':
      return returnsDocument(order, linesOf(order), usual)
    case 'another-seller':
      return returnsDocument(order, strangerLines(order), usual)
    case 'fba-returns':
      return stored(fbaReturns(order.seller.world, part))
    case 'orders':
      return stored(allOrders(order.seller.world, part))
    case 'html':
      return store(HTML_ERROR_PAGE, { gzip: false, declaredGzip: false, ...style }, { charset: 'UTF-8' })
    case 'header-only':
      return stored(renderFlatFile([], columnsOf(style), style))
    case 'empty':
      return storeBytes(Buffer.alloc(0), { gzip: false, ...style })
    case 'random-bytes':
      return storeBytes(randomBytes(), style)
  }
}

/** The rows of a returns report, in order. */
export function linesOf({ request, seller, given, storyNow }: DocumentOrder): ReturnLine[] {
  const days = daysOf(Date.parse(request.dataStartTime), Date.parse(request.dataEndTime))
  const own = given.worldReturns && seller.spec.programme === 'fbm' ? seller.world.returns : []
  return request.marketplaceIds.flatMap((marketplaceId) =>
    [
      ...(given.rows.get(marketplaceId) ?? []).map(lineOf),
      ...own
        .filter((r) => r.order.marketplaceId === marketplaceId)
        .map((r) => lineAt(r, storyNow))
        .filter((line) => line !== null),
    ].filter(({ row }) => days.has(row['Return request date'] as string)),
  )
}

/** Returns of a seller who has nothing to do with this one. */
function strangerLines({ request, epoch, storyNow }: DocumentOrder): ReturnLine[] {
  const world = worldOf(STRANGER_SEED, epoch, {
    marketplaces: request.marketplaceIds,
    orders: STRANGER_ORDERS,
  })
  return world.returns.map((r) => lineAt(r, storyNow)).filter((line) => line !== null)
}

function returnsDocument(
  { request, style, given }: DocumentOrder,
  lines: readonly ReturnLine[],
  usual: { charset: string },
): StoredDocument | null {
  if (lines.length === 0) return null
  if (REPORT_TYPES[request.reportType]?.format === 'xml') {
    return store(renderXml(lines, style.duplicates), style, { charset: 'UTF-8' })
  }
  const layout: LayoutName = style.layout ?? (request.marketplaceIds[0] === GB ? 'order-item-id' : 'official')
  const extra = Object.keys(given.extraColumns).map((name) => ({ header: name, of: name }))
  const columns = [...columnsOf({ ...style, layout }), ...extra].filter(
    ({ header }, at, all) => all.findIndex((column) => column.header === header) === at,
  )
  const rows = lines.map(({ row }) => ({ ...row, ...given.extraColumns }))
  return store(renderFlatFile(rows, columns, style), style, usual)
}

/** Days of a window, in the report's spelling: the report is cut by the day of the request. */
function daysOf(from: number, to: number): Set<string> {
  const days = new Set<string>()
  for (let at = from; at <= to; at += HOUR_MS) days.add(amazonDay(at))
  return days.add(amazonDay(to))
}

function randomBytes(): Buffer {
  const random = randomFrom(STRANGER_SEED)
  return Buffer.from(Array.from({ length: RANDOM_BYTES }, () => Math.floor(random() * 256)))
}
