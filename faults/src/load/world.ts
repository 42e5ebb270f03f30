import type { AmazonReturnRow, SalesOrder, SalesOrderItem } from '@backhaul/domain'
import { orderItem, returnRow, salesOrder } from '@backhaul/domain/builders'
import { partitionOf } from '@backhaul/kafka'
import { Random } from '../random.ts'
import type { InputTopic, LoadedInput, LoadedTransaction } from './inputs.ts'
import { type PoisonKind, poison } from './poison.ts'
import { LABEL_TYPES } from './settings.ts'

/** Orders that are worked on at a time, and inputs after which one is left alone, so that each can be recounted. */
const ACTIVE_ORDERS = 40
const INPUTS_PER_ORDER = 14

const LARGEST_TRANSACTION = 30
const ABORTED_SHARE = 0.1
const POISON_SHARE = 0.03
const NEW_SETTINGS_SHARE = 0.05

/** Time between two readings of rows. */
const STEP_MS = 10
/** How far behind its time a reading that comes too late is. */
const LATE_STEPS = 500

const AMOUNTS = ['19.99', '77,98', '1.500', '0.300', '12', '5.0', '-3.10', 'free', '1234567.89', null]
const CURRENCIES = ['EUR', 'GBP', 'JPY', 'KWD', 'eur', null]
const STATUSES = [
  'Approved',
  'approved',
  'Pending Approval',
  'Completed',
  'Denied',
  'Cancelled',
  'Unheard of',
]
const RESOLUTIONS = ['StandardRefund', 'ReturnlessRefund', 'Replacement', 'Refund at first scan', null]
const REASONS = ['CR-DEFECTIVE', 'cr defective', 'Defective', 'CR-NO_REASON_GIVEN', 'CR-UNHEARD_OF', '', null]
const DAYS = ['02-Jul-2025', '2025-07-03', '2025-07-04T23:30:00+02:00', null]
const QUANTITIES = ['1', '1', '2', '7', 'one', null]
const TRACKINGS = ['N/A', 'Pending', null, null]
const FLAGS = ['Y', 'N', 'yes', 'false', 'maybe', null]

/** An order reference of one tenant, with the returns that concern it. */
interface Case {
  readonly tenantId: string
  readonly orderReference: string
  readonly currency: string | null
  readonly channelId: string
  readonly rowIds: readonly string[]
  readonly lastRow: Map<string, AmazonReturnRow>
  readonly orders: Map<string, SalesOrder>
  left: number
}

/** Returns and orders with all their oddities, without end, from a seed. */
export class World {
  readonly #random: Random
  readonly #active: Case[] = []
  #cases: number
  readonly #begin: number
  #run = 0
  #step = 0
  #settings = 1

  /**
   * @param begin Time of the first record, milliseconds: near now, as brokers roll segments by the records' time.
   * @param cases Number of the case before the first: two worlds of one run must not share cases.
   */
  constructor(seed: number, begin: number, cases = 0) {
    this.#random = new Random(seed)
    this.#begin = begin
    this.#cases = cases
  }

  /** What is written next, as one transaction. */
  next(): LoadedTransaction {
    const random = this.#random
    while (this.#active.length < ACTIVE_ORDERS) this.#active.push(this.#newCase())
    if (random.chance(NEW_SETTINGS_SHARE)) this.#settings += 1
    const topic = random.chance(0.65) ? 'amazon-return-rows.v1' : 'sales-orders.v1'
    const aborted = random.chance(ABORTED_SHARE)
    const inputs: LoadedInput[] = []
    this.#run += 1
    let at = 0
    for (let left = 1 + random.below(LARGEST_TRANSACTION); left > 0; left--) {
      // Rows of one order often follow each other, as the fetcher writes them.
      if (!random.chance(0.4)) at = random.below(this.#active.length)
      const one = this.#active[at] as Case
      if (random.chance(POISON_SHARE)) inputs.push(this.#poison(topic, one))
      else if (topic === 'sales-orders.v1') inputs.push(this.#orderInput(one, aborted))
      else inputs.push(this.#rowInput(one, aborted))
      if (--one.left === 0) this.#active[at] = this.#newCase()
    }
    return { topic, inputs, aborted }
  }

  /** One more return in each partition: where they have come through, all before them has. */
  probes(partitions: number): LoadedTransaction {
    const rows: AmazonReturnRow[] = []
    const seen = new Set<number>()
    while (seen.size < partitions) {
      const row = this.#row(this.#newCase())
      const partition = partitionOf('amazon-return-rows.v1', row.orderReference)
      if (seen.has(partition)) continue
      seen.add(partition)
      rows.push({ ...row, configVersion: 1 })
    }
    const inputs = rows.map(toInput)
    return { topic: 'amazon-return-rows.v1', inputs, aborted: false }
  }

  /** Rows of new orders, some of which were read under a settings version that nobody has asked for yet. */
  underNewSettings(version: number, count: number): LoadedTransaction {
    const inputs = Array.from({ length: count }, (_, n) =>
      toInput({ ...this.#row(this.#newCase()), configVersion: n < count / 2 ? 1 : version }),
    )
    return { topic: 'amazon-return-rows.v1', inputs, aborted: false }
  }

  /** Good records with poison at the positions that `isPoison` names. */
  poisoned(topic: InputTopic, count: number, isPoison: (position: number) => boolean): LoadedTransaction {
    const inputs = Array.from({ length: count }, (_, position) => {
      const one = this.#newCase()
      if (isPoison(position)) return this.#poison(topic, one)
      return this.#good(topic, one)
    })
    return { topic, inputs, aborted: false }
  }

  /** Good records with poison of one kind at the first place, in the middle and at the last. */
  poisonedBy(topic: InputTopic, kind: PoisonKind): LoadedTransaction {
    const inputs = Array.from({ length: 5 }, (_, position) => {
      const one = this.#newCase()
      return position % 2 === 0 ? this.#poison(topic, one, kind) : this.#good(topic, one)
    })
    return { topic, inputs, aborted: false, isCompressed: true }
  }

  /** Rows of new orders, under another id of their schema. */
  underSchema(schemaId: number, count: number): LoadedTransaction {
    const inputs = Array.from({ length: count }, () => ({
      ...toInput({ ...this.#row(this.#newCase()), configVersion: 1 }),
      schemaId,
    }))
    return { topic: 'amazon-return-rows.v1', inputs, aborted: false }
  }

  get #now(): number {
    return this.#begin + this.#step * STEP_MS
  }

  #newCase(): Case {
    const random = this.#random
    const n = ++this.#cases
    // Every tenth number is used by two tenants.
    const shared = n % 10 === 0
    const tenantId = shared || random.chance(0.2) ? 'tenant-2' : 'tenant-1'
    const reference = shared ? n - 1 : n
    return {
      tenantId,
      orderReference: `305-0000000-${String(reference).padStart(7, '0')}`,
      currency: random.pick(CURRENCIES),
      channelId: `${tenantId}-${random.pick(['de', 'de', 'gb'])}`,
      rowIds: Array.from({ length: 1 + random.below(4) }, (_, row) => `row-${n}-${row}`),
      lastRow: new Map(),
      orders: new Map(),
      left: INPUTS_PER_ORDER,
    }
  }

  #good(topic: InputTopic, one: Case): LoadedInput {
    return topic === 'sales-orders.v1' ? this.#orderInput(one, false) : this.#rowInput(one, false)
  }

  #poison(topic: InputTopic, one: Case, kind?: PoisonKind): LoadedInput {
    const good = { random: this.#random, topic, row: this.#row(one), order: this.#order(one) }
    return kind ? poison(good, kind) : poison(good)
  }

  #rowInput(one: Case, aborted: boolean): LoadedInput {
    const row = this.#row(one)
    if (!aborted) one.lastRow.set(row.rowId, row)
    return toInput(row)
  }

  /** A new row, the same row read once more, a later state of it, or one that comes too late. */
  #row(one: Case): AmazonReturnRow {
    const random = this.#random
    const rowId = random.pick(one.rowIds)
    const known = one.lastRow.get(rowId)
    if (known && random.chance(0.15)) return { ...known, reportRunId: `run-${this.#run}` }
    const step = known && random.chance(0.15) ? this.#step - LATE_STEPS : ++this.#step
    const observedAt = known && random.chance(0.1) ? known.observedAt : this.#begin + step * STEP_MS
    const number = Number(rowId.split('-')[2])
    return {
      ...returnRow({
        tenantId: one.tenantId,
        integrationId: `${one.tenantId}-integration`,
        configVersion: this.#settings,
        channelId: random.chance(0.05) ? `${one.tenantId}-gb` : one.channelId,
        rowId,
        reportRunId: `run-${this.#run}`,
        // Rows 0 and 1 make one return, the others one each.
        returnId: `${rowId.split('-').slice(0, 2).join('-')}-return-${Math.max(number, 1)}`,
        orderReference: one.orderReference,
        flags: random.chance(0.1) ? ['repeated_line'] : [],
        amazonRmaId: random.chance(0.8) ? `RMA-${rowId}` : null,
        merchantRmaId: random.chance(0.2) ? `M-${rowId}` : null,
        returnRequestStatus: random.pick(STATUSES),
        returnRequestDate: random.pick(DAYS),
        orderDate: random.pick(DAYS),
        labelType: random.pick([...LABEL_TYPES, null]),
        labelCost: random.pick(AMOUNTS),
        labelToBePaidBy: random.pick(['Seller', 'Customer', null]),
        currencyCode: one.currency,
        returnCarrier: random.pick(['DHL', 'Hermes', null]),
        trackingId: random.chance(0.4) ? `TRK-${rowId}` : random.pick(TRACKINGS),
        aToZClaim: random.pick(FLAGS),
        isPrime: random.pick(FLAGS),
        inPolicy: random.pick(FLAGS),
        merchantSku: `SKU-${number % 3}`,
        asin: random.pick(['B000000001', 'B000000002', null]),
        itemName: random.pick(['Stuhl', 'Tisch', null]),
        returnQuantity: random.pick(QUANTITIES),
        orderQuantity: random.pick(QUANTITIES),
        orderItemId: random.chance(0.2) ? `item-${number}` : null,
        returnReason: random.pick(REASONS),
        resolution: random.pick(RESOLUTIONS),
        returnType: random.pick(['C-Returns', 'Rejected', null]),
        invoiceNumber: random.chance(0.2) ? `INV-${rowId}` : null,
        returnDeliveryDate: random.chance(0.2) ? random.pick(DAYS) : null,
        orderAmount: random.pick(AMOUNTS),
        refundedAmount: random.chance(0.4) ? random.pick(AMOUNTS) : null,
        safeTClaimId: random.chance(0.1) ? `SAFET-${rowId}` : null,
        safeTClaimState: random.pick(['granted', null]),
        safeTClaimReimbursementAmount: random.pick(AMOUNTS),
        reportId: random.chance(0.9) ? `report-${step}` : null,
        documentSha256: String(random.below(10)).repeat(64),
        rowNumber: 1 + random.below(50),
      }),
      observedAt,
      fetchedAt: observedAt + random.below(3),
    }
  }

  #orderInput(one: Case, aborted: boolean): LoadedInput {
    const held = [...one.orders.values()]
    if (held.length > 0 && this.#random.chance(0.1)) {
      const { orderReference, channelId } = this.#random.pick(held)
      if (!aborted) one.orders.delete(channelId)
      return {
        kind: 'tombstone',
        topic: 'sales-orders.v1',
        timestamp: this.#now,
        key: `${orderReference}|${channelId}`,
      }
    }
    const order = this.#order(one)
    if (!aborted) one.orders.set(order.channelId, order)
    return {
      kind: 'order',
      topic: 'sales-orders.v1',
      key: `${order.orderReference}|${order.channelId}`,
      order,
      timestamp: this.#now,
    }
  }

  /** An order in its channel or another, new, changed, or older than what is known. */
  #order(one: Case): SalesOrder {
    const random = this.#random
    const channelId = random.chance(0.8)
      ? one.channelId
      : `${one.tenantId}-${random.pick(['de', 'gb', 'xx'])}`
    const known = one.orders.get(channelId)?.sourceVersion ?? 5
    return salesOrder({
      tenantId: one.tenantId,
      orderReference: one.orderReference,
      channelId,
      salesOrderId: `order-${one.orderReference}-${random.below(3)}`,
      source: random.pick(['rest', 'graphql', 'file']),
      sourceVersion: Math.max(1, known + random.pick([-1, 0, 1, 1, 1])),
      shipToCountry: random.pick(['DE', 'GB', null]),
      buyerRef: random.pick(['buyer-1', 'buyer-2', null]),
      subTypes: random.pick([[], ['Prime'], ['Business', 'Prime']]),
      items: Array.from({ length: 1 + random.below(3) }, (_, line) => this.#line(line)),
    })
  }

  #line(line: number): SalesOrderItem {
    const random = this.#random
    const part = (n: number) => ({ sku: `PART-${n}`, variationId: `variation-${n}`, quantity: 1 + n })
    return orderItem({
      salesOrderItemId: `line-${line}`,
      orderItemId: random.chance(0.5) ? `item-${line}` : null,
      sku: `SKU-${random.below(3)}`,
      asin: random.pick(['B000000001', 'B000000002', null]),
      variationId: random.pick([`variation-${line}`, null]),
      quantity: 1 + random.below(3),
      components: random.chance(0.25) ? [part(0), part(1), part(random.below(2))] : [],
    })
  }
}

const toInput = (row: AmazonReturnRow) => ({
  kind: 'row' as const,
  topic: 'amazon-return-rows.v1' as const,
  key: row.orderReference,
  row,
  timestamp: row.fetchedAt,
})
