import type { ReturnOrder } from '@backhaul/domain'
import type { TopicName } from '@backhaul/flow'
import {
  differenceOf,
  type FinalStates,
  isAs,
  refundedIn,
  statesInClickHouse,
  statesInKafka,
  statesInPostgres,
} from './final-states.ts'
import { rawRecords } from './raw-records.ts'
import type { Expected } from './scenario.ts'
import { type Run, runsOf, type Seller } from './seller.ts'
import type { Story } from './story.ts'

/** What breaks an invariant, counted; a correct system has 0 everywhere. */
export type Audit = Readonly<Record<string, number>>

/** How much there was to count. */
export interface Volume {
  readonly returns: number
  readonly events: number
  readonly rows: number
  readonly runs: number
}

const DEAD_LETTERS: readonly TopicName[] = [
  'dead-letters.reconciler.v1',
  'dead-letters.postgres-sink.v1',
  'dead-letters.clickhouse-sink.v1',
]

/** Compares Kafka, Postgres and ClickHouse with what must be true of each return, by order reference. */
export async function auditOf(
  story: Story,
  seller: Seller,
  expected: ReadonlyMap<string, Expected>,
): Promise<{ readonly audit: Audit; readonly volume: Volume }> {
  const events = await story.events()
  const rows = (await rawRecords(story, 'amazon-return-rows.v1')).length
  const runs = await runsOf(story.call, seller.integrationId)
  const letters = await Promise.all(DEAD_LETTERS.map((topic) => rawRecords(story, topic)))
  const audit = {
    ...auditOfStates('Kafka', statesInKafka(events), expected),
    ...auditOfStates('Postgres', await statesInPostgres(story), expected),
    ...auditOfStates('ClickHouse', await statesInClickHouse(story), expected),
    ...(await auditOfVersions(story, events)),
    ...auditOfRuns(story, runs, rows),
    'I6 dead letters': letters.flat().length,
  }
  return { audit, volume: { returns: expected.size, events: events.length, rows, runs: runs.length } }
}

function auditOfStates(store: string, states: FinalStates, expected: ReadonlyMap<string, Expected>): Audit {
  const wrong = [...expected].filter(([reference, wanted]) => {
    const state = states.get(reference)
    return state && !isAs(wanted, state)
  })
  const money = differenceOf(refundedIn(states.values()), refundedIn(expected.values()))
  return {
    [`I1 lost, ${store}`]: [...expected.keys()].filter((reference) => !states.has(reference)).length,
    [`I3 phantom, ${store}`]: [...states.keys()].filter((reference) => !expected.has(reference)).length,
    [`I4 wrong content, ${store}`]: wrong.length,
    [`I4 cents wrong, ${store}`]: money,
  }
}

async function auditOfVersions({ query, analytics }: Story, events: readonly ReturnOrder[]): Promise<Audit> {
  const versions = events.map((e) => `${e.returnOrderId} ${e.version}`)
  const items = events.flatMap((e) => e.items.map((i) => `${i.returnItemId} ${e.version}`))
  const stored = await query<{ key: string }>(
    "SELECT return_order_id || ' ' || version AS key FROM returns.return_order_versions",
  )
  const analysed = await analytics<{ key: string }>(
    "SELECT concat(return_item_id, ' ', toString(version)) AS key FROM return_items",
  )
  const keys = (list: readonly { key: string }[]) => list.map(({ key }) => key)
  return {
    'I2 doubled, Kafka': versions.length - new Set(versions).size,
    'I2 doubled or missing, Postgres versions': differences(versions, keys(stored)),
    'I2 doubled or missing, ClickHouse raw rows': differences(items, keys(analysed)),
    'I5 not the version after the last': outOfStep(events),
  }
}

function auditOfRuns({ amazon }: Story, runs: readonly Run[], rows: number): Audit {
  const counts = runs.flatMap((run) => run.counts ?? [])
  const published = counts.reduce((sum, c) => sum + c.new + c.changed, 0)
  const reportIds = runs.flatMap((run) => run.reportId ?? [])
  return {
    'I6 rows published but for those counted': Math.abs(rows - published),
    'I6 report runs that do not add up': counts.filter((c) => !addsUp(c)).length,
    'reports asked for that no run read': amazon.reports.size - new Set(reportIds).size,
    'runs that read the report of another': reportIds.length - new Set(reportIds).size,
  }
}

/** How many keys one list has more or less often than the other. */
function differences(wanted: readonly string[], found: readonly string[]): number {
  const left = new Map<string, number>()
  for (const key of wanted) left.set(key, (left.get(key) ?? 0) + 1)
  for (const key of found) left.set(key, (left.get(key) ?? 0) - 1)
  return [...left.values()].reduce((sum, n) => sum + Math.abs(n), 0)
}

function outOfStep(events: readonly ReturnOrder[]): number {
  const last = new Map<string, number>()
  return events.filter(({ returnOrderId, version }) => {
    const before = last.get(returnOrderId) ?? 0
    last.set(returnOrderId, version)
    return version !== before + 1
  }).length
}

function addsUp(c: NonNullable<Run['counts']>): boolean {
  const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0)
  return c.rowsInDocument === c.new + c.changed + c.unchanged + sum(c.skipped) + sum(c.rejected)
}
