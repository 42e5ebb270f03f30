import { readTracking } from '../cells.ts'
import { readMoney } from '../money.ts'
import type { ReturnNote, ReturnParcel } from '../records.ts'
import { uuidOf } from '../uuid.ts'
import type { RowFacts } from './facts.ts'
import { readDay } from './read-day.ts'

/** RC-65, RC-66: one parcel for each tracking number; before there is one, the label announces it. Rows sorted by id. */
export function parcelsOf(returnOrderId: string, rows: readonly RowFacts[]): ReturnParcel[] {
  const [first] = rows
  // Nearly all returns have one row.
  const byTracking =
    first && rows.length === 1
      ? ([[readTracking(first.row.trackingId), rows]] as const)
      : Map.groupBy(rows, ({ row }) => readTracking(row.trackingId))
  const parcels: ReturnParcel[] = []
  for (const [trackingNumber, sharing] of byTracking) {
    const firstWith = (
      name: 'returnCarrier' | 'labelType' | 'labelToBePaidBy' | 'labelCost' | 'returnDeliveryDate',
    ) => sharing.find(({ row }) => row[name] !== null)?.row ?? null
    const deliveredOn = readDay(firstWith('returnDeliveryDate')?.returnDeliveryDate ?? null)
    const labelType = firstWith('labelType')?.labelType ?? null
    if (trackingNumber === null && labelType === null && deliveredOn === null) continue
    const costs = firstWith('labelCost')
    parcels.push({
      parcelId: uuidOf(`${returnOrderId}/parcel/${sharing[0]?.row.rowId}`),
      trackingNumber,
      carrier: firstWith('returnCarrier')?.returnCarrier ?? null,
      status: deliveredOn !== null ? 'delivered' : trackingNumber !== null ? 'in_transit' : 'announced',
      labelType,
      labelCost: costs && readMoney(costs.labelCost, costs.currencyCode),
      labelPaidBy: firstWith('labelToBePaidBy')?.labelToBePaidBy ?? null,
      deliveredOn,
    })
  }
  return parcels
}

/** Q7: the tracking number is a note as well as a parcel's. */
export const trackingNotes = (parcels: readonly ReturnParcel[]): ReturnNote[] =>
  parcels.flatMap(({ trackingNumber, carrier }) =>
    trackingNumber === null
      ? []
      : [{ kind: 'tracking', text: carrier ? `${carrier} ${trackingNumber}` : trackingNumber }],
  )
