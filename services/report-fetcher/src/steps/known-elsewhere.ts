import { marketplaceById } from '@backhaul/domain'
import type { ReportRun } from '../report-run.ts'

/** How many of some orders Amazon's own reports of one seller and marketplace have told. */
export interface KnownOrders {
  readonly sellerId: string
  readonly marketplaceId: string
  readonly orders: number
}

/**
 * Whose orders a file has, if not those of this seller and marketplace; null when nothing speaks against it.
 *
 * A flat file names neither, but an Amazon order is of one seller and one marketplace, and a report that was fetched with a
 * seller's own token proves whose. Orders that no report has told yet tell nothing.
 *
 * @param known Of the file's orders.
 * @returns Words for who sent the file.
 */
export function knownElsewhere(
  { sellerId, marketplaceId }: Pick<ReportRun, 'sellerId' | 'marketplaceId'>,
  known: readonly KnownOrders[],
): string | null {
  const isHere = (k: KnownOrders) => k.sellerId === sellerId && k.marketplaceId === marketplaceId
  const here = known.find(isHere)?.orders ?? 0
  const [elsewhere] = known.filter((k) => !isHere(k)).sort((a, b) => b.orders - a.orders)
  if (!elsewhere || elsewhere.orders <= here) return null
  const name = marketplaceById(elsewhere.marketplaceId)?.name ?? elsewhere.marketplaceId
  const { orders } = elsewhere
  return `Amazon's reports of seller ${elsewhere.sellerId} in ${name} have ${orders} of the file's orders, those of this seller and marketplace ${here}: import it there`
}
