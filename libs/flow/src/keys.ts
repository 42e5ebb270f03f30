/** The whole key decides the partition. */
export const whole = (key: string): string => key

/** `reference|channelId`: orders of one reference meet their return rows on one partition. */
export const salesOrderKey = {
  of: (orderReference: string, channelId: string): string => `${orderReference}|${channelId}`,
  partitionBy: (key: string): string => key.slice(0, key.lastIndexOf('|')),
}

/** `tenantId|reference`: state of two tenants with one order number never meets. */
export const orderState = {
  of: (tenantId: string, orderReference: string): string => `${tenantId}|${orderReference}`,
  partitionBy: (key: string): string => key.slice(key.indexOf('|') + 1),
}

/**
 * A return order id does not name its order: the writer gives the partition number of the input instead, so that every
 * output partition has one transactional writer and all events of one order stay in order.
 */
export const returnOrderKey = {
  partitionBy: (): string => {
    throw new Error('return-orders.v1 is written to the partition number of its input: pass the partition')
  },
}
