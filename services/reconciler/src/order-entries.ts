import type { Codec } from '@backhaul/codec'
import { observeOrder, type SalesOrder } from '@backhaul/domain'
import { salesOrderKey } from '@backhaul/flow'
import { joinFrames, splitFrames } from './frames.ts'

/** A table of bytes, or an overlay in front of one. */
interface Entries {
  get(key: string): Buffer | undefined
  put(key: string, value: Buffer): void
  delete(key: string): void
}

// Two entries for each order reference, each with the values of all tenants as their topics have them, in registry wire format:
// an order that comes does not write the rows again, nor a row the orders.

/** Key of the sales orders of a reference. */
export const ordersKey = (orderReference: string) => `o${orderReference}`
/** Key of the derived states of a reference. */
export const statesKey = (orderReference: string) => `s${orderReference}`

/** The values under a key, as views. */
export function readEntry(entries: Entries, key: string): Buffer[] {
  const joined = entries.get(key)
  return joined ? splitFrames(joined) : []
}

/** @param take Gives memory that stays as it is for as long as the entries hold it. */
export function writeEntry(
  entries: Entries,
  key: string,
  values: readonly Uint8Array[],
  take: (bytes: number) => Buffer = Buffer.allocUnsafe,
): void {
  if (values.length > 0) entries.put(key, joinFrames(values, take))
  else entries.delete(key)
}

/** Puts a derived state in place of the one that its tenant had before. */
export async function putState(
  entries: Entries,
  codec: Codec,
  { tenantId, orderReference }: { readonly tenantId: string; readonly orderReference: string },
  bytes: Buffer,
): Promise<void> {
  const key = statesKey(orderReference)
  const others: Buffer[] = []
  for (const other of readEntry(entries, key)) {
    if ((await codec.decode('OrderState', other)).tenantId !== tenantId) others.push(other)
  }
  writeEntry(entries, key, [...others, bytes])
}

/**
 * Puts a sales order in place of the one that its channel had before, unless it is older; a tombstone deletes it.
 *
 * @param topicKey The record's key. @returns False when nothing changed.
 */
export async function putSalesOrder(
  entries: Entries,
  codec: Codec,
  topicKey: string,
  order: SalesOrder | null,
  bytes: Buffer | null,
): Promise<boolean> {
  const orderReference = salesOrderKey.partitionBy(topicKey)
  const channelId = topicKey.slice(orderReference.length + 1)
  const key = ordersKey(orderReference)
  const values = readEntry(entries, key)
  for (const [n, value] of values.entries()) {
    const known = await codec.decode('SalesOrder', value)
    if (known.channelId !== channelId || (order && order.tenantId !== known.tenantId)) continue
    if (order && observeOrder(known, order) === 'stale') return false
    writeEntry(entries, key, order ? values.with(n, bytes as Buffer) : values.toSpliced(n, 1))
    return true
  }
  if (order) writeEntry(entries, key, [...values, bytes as Buffer])
  return order !== null
}
