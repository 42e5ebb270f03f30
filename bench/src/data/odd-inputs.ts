import type { AmazonReturnRow, SalesOrder } from '@backhaul/domain'
import { orderItem, returnRow, salesOrder } from '@backhaul/domain/builders'
import type { InputEncoder, InputRecord } from './input-record.ts'
import { oneOf, seededRandom } from './random.ts'

const BEGIN = Date.UTC(2026, 7, 1)

/**
 * Inputs with every oddity that the join knows, in waves of one topic each, so that the order in which a reader takes
 * them is given: two readers that agree wave after wave must write the same events.
 *
 * Every row is a document of its own: to the reconciler, the neighbouring rows of one document are one observation.
 *
 * Two tenants share order references; orders come late, early, twice, older than known, in another channel, are deleted,
 * and go to a wrong partition; rows are seen again with more, fewer or older cells; settings change in between; kits,
 * shared tracking numbers, odd dates, money and words; bytes that are nothing.
 */
export function oddInputs(encoder: InputEncoder, rows: number, seed = 1): InputRecord[][] {
  const random = seededRandom(seed)
  const maker = new OddMaker(encoder, random, Math.ceil(rows / 6))
  const waves: InputRecord[][] = []
  const rowsPerWave = 500
  for (let wave = 0; wave * rowsPerWave < rows; wave++) {
    waves.push(Array.from({ length: rowsPerWave / 3 }, () => maker.order()))
    waves.push(Array.from({ length: rowsPerWave }, () => maker.row()))
  }
  return waves
}

const chance = (random: () => number, share: number) => random() < share

class OddMaker {
  readonly #encoder: InputEncoder
  readonly #random: () => number
  readonly #references: number
  #made = 0

  constructor(encoder: InputEncoder, random: () => number, references: number) {
    this.#encoder = encoder
    this.#random = random
    this.#references = references
  }

  row(): InputRecord {
    const now = this.#now()
    const record = this.#encoder.row(this.#oddRow(), now)
    if (!chance(this.#random, 0.03)) return record
    const value = record.value as Buffer
    return this.#one<InputRecord>([
      { ...record, value: value.subarray(0, 60) },
      { ...record, value: Buffer.concat([value, Buffer.from([1])]) },
      { ...record, value: Buffer.from('not in wire format') },
      { ...record, value: Buffer.from([0, 0]) },
      { ...record, value: null },
      { ...record, key: `${record.key}x` },
    ])
  }

  order(): InputRecord {
    const now = this.#now()
    const record = this.#encoder.order(this.#oddOrder(), now)
    if (!chance(this.#random, 0.12)) return record
    return this.#one<InputRecord>([
      { ...record, value: null },
      { ...record, value: null },
      { ...record, partition: (record.partition + 1) % 4 },
      { ...record, value: Buffer.from('neither this') },
      this.#encoder.bytes('sales-orders.v1', `${record.key}-2`, record.value, now),
    ])
  }

  #now(): number {
    this.#made += 1
    // Some times are whole seconds: their text has no other form than that of the rest.
    return BEGIN + this.#made * 250
  }

  #one<T>(values: readonly T[]): T {
    return oneOf(this.#random, values)
  }

  #reference(): string {
    return `303-0000000-${String(Math.floor(this.#random() * this.#references)).padStart(7, '0')}`
  }

  /** Of an order's few rows one is seen, for the first time or again. */
  #oddRow(): AmazonReturnRow {
    const reference = this.#reference()
    const tenantId = this.#one(['tenant-1', 'tenant-1', 'tenant-1', 'tenant-2'])
    const nth = Math.floor(this.#random() * 6)
    const line = this.#one([0, 1, 1, 2, 3])
    const observedAt = BEGIN + Math.floor(this.#random() * 6) * 86_400_000
    const one = this.#one.bind(this)
    return returnRow({
      tenantId,
      integrationId: `integration of ${tenantId}`,
      reportRunId: `run-${this.#made}`,
      configVersion: one([1, 1, 1, 2, 2, 9]),
      channelId: channelOf(
        tenantId,
        one(['channel-de', 'channel-de', 'channel-de', 'channel-fr', 'channel-xx']),
      ),
      rowId: `${tenantId}/${reference}/${nth}`,
      returnId: `${tenantId}/${reference}/return-${nth % 3}`,
      orderReference: reference,
      flags: one([[], [], ['line_above_order'], ['zz', 'aa']]),
      orderDate: one(['14-Jul-2026', '2026-07-14', '31-Feb-2026', '1-Jan-1969', '', null]),
      returnRequestDate: one([
        '02-Aug-2026',
        '2026-08-02T23:30:00-02:00',
        '2026-08-02T00:30:00+0200',
        '2026-08-02T24:00:00Z',
        '2026-08-02T25:00:00Z',
        '2026-02-30T10:00:00.5Z',
        ' 2026-08-02\u00a0',
        'soon',
      ]),
      returnRequestStatus: one([
        'Approved',
        'APPROVED',
        'Pending Approval',
        'Completed',
        'Cancelled',
        'Denied',
        'Neu',
        null,
      ]),
      amazonRmaId: one(['DaBcDeFgRRMA', null]),
      merchantRmaId: one([null, 'M-1']),
      labelType: one(['AmazonPrePaidLabel', 'MerchantLabel', null]),
      labelCost: one(['4.99', '4,9', '1.500', '0.500', '-3', '', 'free', null]),
      currencyCode: one(['EUR', 'EUR', ' eur ', 'JPY', 'KWD', 'EURO', null]),
      returnCarrier: one(['DHL', '', null]),
      trackingId: one(['N/A', `1Z${reference}`, ` 1Z${reference} `, `2Z${reference}`, '', 'Pending', null]),
      labelToBePaidBy: one(['Seller', null]),
      aToZClaim: one(['Y', 'N', 'yes', '?', null]),
      isPrime: one(['true', '0', null]),
      asin: one([`B00000000${line}`, null]),
      merchantSku: one([`SKU-${line}`, `SKU-${line}`, 'SKU-unknown', null]),
      itemName: one(['Kaffeebecher "groß"', 'Tab\there\\', 'Zeile\nzwei\u0001', '☕️ 𝄞', null]),
      returnQuantity: one(['1', '1', '2', '7', ' 3 ', '0', '-1', 'two', null]),
      orderQuantity: one(['1', '5', null]),
      returnReason: one(['CR-DEFECTIVE', 'cr_defective', 'Unwanted  Item', 'CR-', '', null]),
      inPolicy: one(['Y', 'n', null]),
      resolution: one(['StandardRefund', 'ReturnlessRefund', 'Replacement', 'Refund at First Scan', null]),
      invoiceNumber: one([null, 'INV-1']),
      returnDeliveryDate: one([null, null, '05-Aug-2026', '2026-08-06']),
      orderAmount: one(['19.99', '12345678901234567890', null]),
      refundedAmount: one([null, null, '0.00', '19.99', '19.990', '77,98']),
      orderItemId: one([null, null, `item-${line}`]),
      safeTClaimId: one([null, null, 'ST-1']),
      safeTClaimState: one([null, 'open']),
      safeTClaimReimbursementAmount: one([null, '1.00']),
      extra: one([{}, { colour: 'red' }]),
      reportId: one([null, 'report-1']),
      documentSha256: one(['0', 'f']).repeat(64),
      rowNumber: Math.floor(this.#random() * 4),
      observedAt,
      fetchedAt: observedAt + one([0, 60_000]),
    })
  }

  #oddOrder(): SalesOrder {
    const reference = this.#reference()
    const tenantId = this.#one(['tenant-1', 'tenant-1', 'tenant-1', 'tenant-2'])
    const channels = ['channel-de', 'channel-de', 'channel-de', 'channel-fr', 'channel-late', 'channel-yy']
    const channelId = channelOf(tenantId, this.#one(channels))
    const one = this.#one.bind(this)
    const part = (sku: string) => ({ sku, variationId: one([null, 'variation-p']), quantity: one([1, 2]) })
    return salesOrder({
      tenantId,
      orderReference: reference,
      channelId,
      salesOrderId: `${channelId}/${reference}`,
      sourceVersion: Math.floor(this.#random() * 5),
      buyerRef: one([null, 'buyer-1', 'buyer-2']),
      shipToCountry: one(['DE', null]),
      subTypes: one([[], ['prime'], ['b2b', 'prime']]),
      items: [0, 1, 1, 2].slice(0, one([1, 3, 4])).map((line, at) =>
        orderItem({
          salesOrderItemId: `line-${at}`,
          orderItemId: one([null, `item-${line}`]),
          sku: `SKU-${line}`,
          asin: one([`B00000000${line}`, null]),
          variationId: one([null, `variation-${at}`]),
          quantity: one([0, 1, 1, 2]),
          components: line === 2 ? [part('PART-a'), part('PART-b'), part('PART-a')] : [],
        }),
      ),
    })
  }
}

/** A channel is one tenant's: the key of a sales order names no other. */
const channelOf = (tenantId: string, channel: string) =>
  tenantId === 'tenant-1' ? channel : `${channel} of ${tenantId}`
