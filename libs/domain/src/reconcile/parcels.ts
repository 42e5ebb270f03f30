import { readTracking } from '../cells.ts'
import type { ReturnNote, ReturnParcel } from '../records.ts'
import { uuidOf } from '../uuid.ts'
import type { RowFacts } from './facts.ts'
import { readAmount } from './read-amount.ts'
import { readDay } from './read-day.ts'

/** RC-65, RC-66: one parcel for each tracking number; before there is one, the label announces it. Rows sorted by id. */
export function parcelsOf(returnOrderId: string, rows: readonly RowFacts[]): ReturnParcel[] {
  const [first] = rows
  if (first && rows.length === 1) {
    const parcel = parcelOf(returnOrderId, readTracking(first.row.trackingId), rows)
    return parcel ? [parcel] : []
  }
  const byTracking = Map.groupBy(rows, ({ row }) => readTracking(row.trackingId))
  return [...byTracking]
    .map(([trackingNumber, sharing]) => parcelOf(returnOrderId, trackingNumber, sharing))
    .filter((parcel) => parcel !== null)
}

/** The parcel of the rows that share a tracking number; null where nothing tells of one. */
function parcelOf(
  returnOrderId: string,
  trackingNumber: string | null,
  sharing: readonly RowFacts[],
): ReturnParcel | null {
  const firstWith = (
    name: 'returnCarrier' | 'labelType' | 'labelToBePaidBy' | 'labelCost' | 'returnDeliveryDate',
  ) => sharing.find(({ row }) => row[name] !== null)?.row ?? null
  const deliveredOn = readDay(firstWith('returnDeliveryDate')?.returnDeliveryDate ?? null)
  const labelType = firstWith('labelType')?.labelType ?? null
  if (trackingNumber === null && labelType === null && deliveredOn === null) return null
  const costs = firstWith('labelCost')
  return {
    parcelId: uuidOf(`${returnOrderId}/parcel/${sharing[0]?.row.rowId}`),
    trackingNumber,
    carrier: firstWith('returnCarrier')?.returnCarrier ?? null,
    status: deliveredOn !== null ? 'delivered' : trackingNumber !== null ? 'in_transit' : 'announced',
    labelType,
    labelCost: costs && readAmount(costs.labelCost, costs.currencyCode),
    labelPaidBy: firstWith('labelToBePaidBy')?.labelToBePaidBy ?? null,
    deliveredOn,
  }
}

/** Q7: the tracking number is a note as well as a parcel's. */
export const trackingNotes = (parcels: readonly ReturnParcel[]): ReturnNote[] =>
  parcels.flatMap(({ trackingNumber, carrier }) =>
    trackingNumber === null
      ? []
      : [{ kind: 'tracking', text: carrier ? `${carrier} ${trackingNumber}` : trackingNumber }],
  )
