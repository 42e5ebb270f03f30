import type { ReturnOrder } from '@backhaul/domain'
import type { TopicName } from '@backhaul/flow'
import { rawRecords } from './raw-records.ts'
import type { Expected } from './scenario.ts'
import { runsOf, type Seller } from './seller.ts'
import type { Story } from './story.ts'

/** Minor units by currency. */
type Sums = Record<string, number>

/** The invariants as numbers; what a correct system gives is `RIGHT`. */
export interface Audit {
  /** I1: expected returns that a store does not have. */
  readonly lost: Readonly<Record<'kafka' | 'postgres' | 'clickhouse', number>>
  /** I2: versions, or rows of them, that are there more than once or never were; versions that are missing. */
  readonly doubled: Readonly<Record<'kafka' | 'postgres' | 'clickhouse' | 'rows', number>>
  /** I3: returns that nobody gave. */
  readonly phantom: number
  /** I4: returns whose final state is not the expected one, and stores whose money differs. */
  readonly wrong: Readonly<Record<'kafka' | 'postgres' | 'clickhouse' | 'money', number>>
  /** I5: events that do not follow on the version before. */
  readonly backwards: number
  /** I6: dead letters, and report runs whose rows do not add up. */
  readonly deadLetters: number
  readonly runsNotAddingUp: number
  /** Reports that Amazon made and no run knows of, and runs that read the report of another. */
  readonly reportsTooMany: number
  readonly reportsShared: number
}

export const RIGHT: Audit = {
  lost: { kafka: 0, postgres: 0, clickhouse: 0 },
  doubled: { kafka: 0, postgres: 0, clickhouse: 0, rows: 0 },
  phantom: 0,
  wrong: { kafka: 0, postgres: 0, clickhouse: 0, money: 0 },
  backwards: 0,
  deadLetters: 0,
  runsNotAddingUp: 0,
  reportsTooMany: 0,
  reportsShared: 0,
}

const DEAD_LETTERS: readonly TopicName[] = [
  'dead-letters.reconciler.v1',
  'dead-letters.postgres-sink.v1',
  'dead-letters.clickhouse-sink.v1',
]

/** What was counted, and how much there was to count. */
export interface Audited {
  readonly audit: Audit
  readonly of: {
    readonly returns: number
    readonly events: number
    readonly rows: number
    readonly runs: number
    readonly money: Sums
  }
}

/** Compares all three stores with what must be true of each return, by order reference. */
export async function auditOf(
  story: Story,
  seller: Seller,
  expected: ReadonlyMap<string, Expected>,
): Promise<Audited> {
  const events = await story.events()
  const final = new Map(events.map((event) => [event.orderReference, event]))
  const [postgres, clickhouse] = await Promise.all([postgresState(story), clickhouseState(story)])
  const inKafka = new Map([...final].map(([reference, event]) => [reference, stateOf(event)]))
  const stores = { kafka: inKafka, postgres, clickhouse }
  const lostIn = (store: ReadonlyMap<string, State>) =>
    [...expected.keys()].filter((r) => !store.has(r)).length
  const wrongIn = (store: ReadonlyMap<string, State>) =>
    [...store].filter(([reference, state]) => !isAs(expected.get(reference), state)).length

  const keys = events.map((e) => `${e.returnOrderId} ${e.version}`)
  const itemKeys = events.flatMap((e) => e.items.map((i) => `${i.returnItemId} ${e.version}`))
  const versions = await story.query<{ key: string }>(
    "SELECT return_order_id || ' ' || version AS key FROM returns.return_order_versions",
  )
  const items = await story.analytics<{ key: string }>(
    "SELECT concat(return_item_id, ' ', toString(version)) AS key FROM return_items",
  )
  const runs = await runsOf(story.call, seller.integrationId)
  const reportIds = runs.flatMap((run) => run.reportId ?? [])
  const counts = runs.flatMap((run) => run.counts ?? [])
  const published = counts.reduce((sum, c) => sum + c.new + c.changed, 0)
  const rows = (await rawRecords(story, 'amazon-return-rows.v1')).length
  const letters = await Promise.all(DEAD_LETTERS.map((topic) => rawRecords(story, topic)))
  const money = sumsOf([...expected.values()].map((e) => ({ currency: e.currency, refunded: e.refunded })))
  const sums = Object.values(stores).map((store) => sumsOf([...store.values()]))

  return {
    audit: {
      lost: { kafka: lostIn(inKafka), postgres: lostIn(postgres), clickhouse: lostIn(clickhouse) },
      doubled: {
        kafka: keys.length - new Set(keys).size,
        postgres: differences(
          keys,
          versions.map(({ key }) => key),
        ),
        clickhouse: differences(
          itemKeys,
          items.map(({ key }) => key),
        ),
        rows: Math.abs(rows - published),
      },
      phantom: Object.values(stores).reduce(
        (n, store) => n + [...store.keys()].filter((r) => !expected.has(r)).length,
        0,
      ),
      wrong: {
        kafka: wrongIn(inKafka),
        postgres: wrongIn(postgres),
        clickhouse: wrongIn(clickhouse),
        money: sums.filter((sum) => !sameSums(sum, money)).length,
      },
      backwards: backwards(events),
      deadLetters: letters.flat().length,
      runsNotAddingUp: counts.filter((c) => !addsUp(c)).length,
      reportsTooMany: story.amazon.reports.size - new Set(reportIds).size,
      reportsShared: reportIds.length - new Set(reportIds).size,
    },
    of: { returns: expected.size, events: events.length, rows, runs: runs.length, money },
  }
}

/** The final state of a return, as a store has it. */
type State = Omit<Expected, 'tracking'> & { readonly tracking?: string | null }

const stateOf = ({ link, amazonStatus, parcels, items }: ReturnOrder): State => ({
  link: link.status,
  salesOrderId: link.salesOrderId,
  amazonStatus: amazonStatus ?? '',
  tracking: parcels[0]?.trackingNumber ?? null,
  refunded: Object.fromEntries(items.map((i) => [i.sku, i.refunded?.amountMinor ?? null])),
  currency: items[0]?.orderAmount?.currency ?? '',
})

interface ItemRow {
  readonly reference: string
  readonly link: string
  readonly sales_order_id: string | null
  readonly amazon_status: string
  readonly sku: string
  readonly refunded_minor: number | string | null
  readonly currency: string
}

async function postgresState(story: Story): Promise<Map<string, State>> {
  const rows = await story.query<ItemRow & { tracking: string | null }>(
    `SELECT r.order_reference AS reference, r.link_status AS link, r.sales_order_id, r.amazon_status,
       i.sku, i.refunded_minor, i.order_amount_currency AS currency,
       (SELECT max(tracking_number) FROM returns.return_order_parcels p WHERE p.return_order_id = r.return_order_id) AS tracking
     FROM returns.return_orders r JOIN returns.return_order_items i USING (return_order_id) WHERE NOT i.removed`,
  )
  const states = fromItems(rows)
  for (const { reference, tracking } of rows) {
    states.set(reference, { ...(states.get(reference) as State), tracking })
  }
  return states
}

/** ClickHouse has items, no parcels. */
const clickhouseState = async (story: Story): Promise<Map<string, State>> =>
  fromItems(
    await story.analytics<ItemRow>(
      `SELECT order_reference AS reference, link_status AS link, sales_order_id, amazon_status, sku, refunded_minor,
         order_amount_currency AS currency FROM current_return_items`,
    ),
  )

function fromItems(rows: readonly ItemRow[]): Map<string, State> {
  const states = new Map<string, State>()
  for (const row of rows) {
    const minor = row.refunded_minor === null ? null : Number(row.refunded_minor)
    states.set(row.reference, {
      link: row.link,
      salesOrderId: row.sales_order_id,
      amazonStatus: row.amazon_status,
      refunded: { ...states.get(row.reference)?.refunded, [row.sku]: minor },
      currency: row.currency,
    })
  }
  return states
}

function isAs(expected: Expected | undefined, state: State): boolean {
  if (!expected) return true
  const skus = Object.keys(expected.refunded)
  return (
    state.link === expected.link &&
    state.salesOrderId === expected.salesOrderId &&
    state.amazonStatus === expected.amazonStatus &&
    (state.tracking === undefined || state.tracking === expected.tracking) &&
    state.currency === expected.currency &&
    skus.length === Object.keys(state.refunded).length &&
    skus.every((sku) => state.refunded[sku] === expected.refunded[sku])
  )
}

function sumsOf(states: readonly Pick<State, 'currency' | 'refunded'>[]): Sums {
  const sums: Sums = {}
  for (const { currency, refunded } of states) {
    for (const minor of Object.values(refunded)) sums[currency] = (sums[currency] ?? 0) + (minor ?? 0)
  }
  return sums
}

const sameSums = (a: Sums, b: Sums) =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].every((currency) => a[currency] === b[currency])

/** How many keys are in one list and not in the other, counting each as often as it is there. */
function differences(wanted: readonly string[], found: readonly string[]): number {
  const left = new Map<string, number>()
  for (const key of wanted) left.set(key, (left.get(key) ?? 0) + 1)
  for (const key of found) left.set(key, (left.get(key) ?? 0) - 1)
  return [...left.values()].reduce((sum, n) => sum + Math.abs(n), 0)
}

function backwards(events: readonly ReturnOrder[]): number {
  const last = new Map<string, number>()
  let count = 0
  for (const { returnOrderId, version } of events) {
    if (version !== (last.get(returnOrderId) ?? 0) + 1) count += 1
    last.set(returnOrderId, version)
  }
  return count
}

function addsUp(c: NonNullable<Awaited<ReturnType<typeof runsOf>>[number]['counts']>): boolean {
  const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0)
  return c.rowsInDocument === c.new + c.changed + c.unchanged + sum(c.skipped) + sum(c.rejected)
}
