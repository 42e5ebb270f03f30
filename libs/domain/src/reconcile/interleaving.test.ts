import fc from 'fast-check'
import { expect, test } from 'vitest'
import { orderItem, returnRow, salesOrder } from '../builders.ts'
import type { AmazonReturnRow, ReturnOrder, SalesOrder } from '../records.ts'
import type { ImportConfig, RowFacts } from './facts.ts'
import { linkReasons } from './link-reasons.ts'
import { nextVersion } from './next-version.ts'
import { observeOrder, observeRow } from './observe.ts'
import { reconcile } from './reconcile.ts'

type Input = { order: SalesOrder } | { row: AmazonReturnRow }

const config: ImportConfig = {
  version: 1,
  importSettings: { statuses: 'all', labelTypes: 'all', returnlessRefunds: 'import', expandKits: true },
  reasons: [{ amazonReason: 'DEFECTIVE', returnReasonId: 'broken' }],
  channels: [],
}

const DAY = 86_400_000
const kit = [{ sku: 'PART', variationId: null, quantity: 2 }]

/** Orders with their updates, each a sequence in its own order. */
const orderHistory = fc
  .record({
    channelId: fc.constantFrom('channel-de', 'channel-fr'),
    skus: fc.uniqueArray(fc.constantFrom('SKU-1', 'SKU-2', 'KIT'), { minLength: 1 }),
    statuses: fc.array(fc.constantFrom('Shipped', 'Completed', null), { minLength: 1, maxLength: 3 }),
  })
  .map(({ channelId, skus, statuses }) =>
    statuses.map(
      (status, n): Input => ({
        order: salesOrder({
          channelId,
          salesOrderId: `order-${channelId}`,
          sourceVersion: n + 1,
          status,
          shipToCountry: n === 0 ? null : 'DE',
          items: skus.map((sku) =>
            orderItem({ sku, salesOrderItemId: `line-${sku}`, components: sku === 'KIT' ? kit : [] }),
          ),
        }),
      }),
    ),
  )

/** A row with its later observations, each a sequence in its own order. */
const rowHistory = (rowId: string) =>
  fc
    .record({
      returnId: fc.constantFrom('return-1', 'return-2'),
      merchantSku: fc.constantFrom('SKU-1', 'SKU-2', 'KIT', 'UNKNOWN'),
      observations: fc.array(
        fc.record({
          trackingId: fc.constantFrom(null, 'T1', 'T2'),
          refundedAmount: fc.constantFrom(null, '5.00', '19.99'),
          returnRequestStatus: fc.constantFrom('Approved', 'Closed', null),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    })
    .map(({ returnId, merchantSku, observations }) =>
      observations.map(
        (cells, n): Input => ({
          row: returnRow({
            rowId,
            returnId,
            merchantSku,
            ...cells,
            observedAt: (n + 1) * DAY,
            fetchedAt: (n + 1) * DAY,
          }),
        }),
      ),
    )

const histories = fc.tuple(
  fc.uniqueArray(orderHistory, {
    maxLength: 2,
    selector: ([i]) => (i && 'order' in i ? i.order.channelId : ''),
  }),
  rowHistory('row-a'),
  fc.option(rowHistory('row-b'), { nil: [] }),
)

/** Interleaves sequences, keeping each one's own order, by a list of picks. */
function interleave(sequences: readonly (readonly Input[])[], picks: readonly number[]): Input[] {
  const rest = sequences.map((s) => [...s])
  const all: Input[] = []
  for (let n = 0; rest.some((s) => s.length > 0); n++) {
    const open = rest.filter((s) => s.length > 0)
    all.push((open[(picks[n % picks.length] ?? 0) % open.length] as Input[]).shift() as Input)
  }
  return all
}

/** Delivers some inputs again, at once and later, as a replay would. */
const withRedeliveries = (inputs: readonly Input[], again: readonly boolean[]): Input[] => [
  ...inputs.flatMap((input, n) => (again[n % again.length] ? [input, input] : [input])),
  ...inputs.filter((_, n) => again[n % again.length]),
]

function run(inputs: readonly Input[]) {
  const orders = new Map<string, SalesOrder>()
  const rows = new Map<string, RowFacts>()
  const emitted = new Map<string, ReturnOrder>()
  const events: ReturnOrder[] = []
  for (const [n, input] of inputs.entries()) {
    if ('order' in input) {
      const seen = observeOrder(orders.get(input.order.channelId), input.order)
      if (seen !== 'stale') orders.set(input.order.channelId, seen)
    } else {
      const seen = observeRow(rows.get(input.row.rowId), input.row, config)
      if (seen !== 'stale') rows.set(input.row.rowId, seen)
    }
    const facts = { salesOrders: [...orders.values()], rows: [...rows.values()] }
    for (const now of reconcile(facts, () => config, { generation: 1, changedAt: n })) {
      const next = nextVersion(emitted.get(now.returnOrderId), now)
      if (next === 'same') continue
      emitted.set(now.returnOrderId, next)
      events.push(next)
    }
  }
  return { emitted, events }
}

/** What a return is, apart from how it came to be. */
const state = (emitted: ReadonlyMap<string, ReturnOrder>) =>
  [...emitted.values()]
    .map(({ version, changes, changedAt, firstImportedAt, provenance, ...rest }) => rest)
    .sort((a, b) => (a.returnOrderId < b.returnOrderId ? -1 : 1))

const picks = fc.array(fc.nat(5), { minLength: 1, maxLength: 20 })
const again = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 })

test('A3: any interleaving of orders, returns, updates and redeliveries ends in the same state', () => {
  fc.assert(
    fc.property(histories, picks, picks, again, ([orders, a, b], one, other, redelivered) => {
      const sequences = [...orders, a, b]
      const left = run(interleave(sequences, one))
      const right = run(withRedeliveries(interleave(sequences, other), redelivered))
      expect(state(right.emitted)).toEqual(state(left.emitted))
    }),
    { numRuns: 2_000 },
  )
})

test('A3: each interim state says why it is not linked', () => {
  fc.assert(
    fc.property(histories, picks, ([orders, a, b], order) => {
      for (const { link, items } of run(interleave([...orders, a, b], order)).events) {
        expect(link.status === 'LINKED').toBe(link.reason === null)
        if (link.reason) expect(Object.keys(linkReasons)).toContain(link.reason)
        for (const item of items.filter((i) => !i.removed && link.status !== 'WAITING')) {
          expect(item.link.status === 'LINKED').toBe(item.link.reason === null)
        }
      }
    }),
    { numRuns: 1_000 },
  )
})

test('A1, I5: everything delivered again makes no event; versions strictly increase by one', () => {
  fc.assert(
    fc.property(histories, picks, ([orders, a, b], order) => {
      const inputs = interleave([...orders, a, b], order)
      const once = run(inputs)
      expect(run([...inputs, ...inputs]).events).toEqual(once.events)
      const versions = new Map<string, number>()
      for (const { returnOrderId, version } of once.events) {
        expect(version).toBe((versions.get(returnOrderId) ?? 0) + 1)
        versions.set(returnOrderId, version)
      }
    }),
    { numRuns: 1_000 },
  )
})
