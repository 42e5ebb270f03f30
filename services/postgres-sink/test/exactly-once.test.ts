import { type ReturnOrder, uuidOf } from '@backhaul/domain'
import { returnItem, returnOrder, returnParcel } from '@backhaul/domain/builders'
import type { StartedService } from '@backhaul/runtime'
import { eventually, tcpProxy } from '@backhaul/testing'
import { afterEach, expect, test } from 'vitest'
import { type SinkUnderTest, sinkUnderTest } from './sink-under-test.ts'

const open: SinkUnderTest[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((sink) => sink.close()))
})
async function freshSink(): Promise<SinkUnderTest> {
  const sink = await sinkUnderTest()
  open.push(sink)
  return sink
}

const RETURNS = 25
const VERSIONS = 4

/** Histories of returns whose items and parcels come and go. */
function histories(): ReturnOrder[] {
  return Array.from({ length: RETURNS }, (_, n) => uuidOf(`history-${n}`)).flatMap((returnOrderId, n) =>
    Array.from({ length: VERSIONS }, (_, v) =>
      returnOrder({
        returnOrderId,
        generation: v < 3 ? 1 : 2,
        version: v < 3 ? v + 1 : 1,
        status: `status-${v}`,
        items: Array.from({ length: 1 + ((n + v) % 3) }, (_, i) =>
          returnItem({ returnItemId: uuidOf(`${returnOrderId}/item/${(i + v) % 4}`), quantity: v + 1 }),
        ),
        parcels: Array.from({ length: (n + v) % 3 }, (_, i) =>
          returnParcel({ parcelId: uuidOf(`${returnOrderId}/parcel/${(i + v) % 4}`) }),
        ),
      }),
    ),
  )
}

/** The same shuffle at each run. */
function shuffled<T>(list: readonly T[]): T[] {
  let seed = 42
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return seed
  }
  return list
    .map((value) => ({ value, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value)
}

/** Where an event stood in the log is no part of what a return is. */
async function content(sink: SinkUnderTest): ReturnType<SinkUnderTest['tables']> {
  const { return_orders, ...rest } = await sink.tables()
  return { ...rest, return_orders: (return_orders ?? []).map(({ source_offset, ...row }) => row) }
}

async function inBatches(sink: SinkUnderTest, events: readonly ReturnOrder[], size: number): Promise<void> {
  for (let at = 0; at < events.length; at += size) await sink.write(events.slice(at, at + size))
}

test('A4: shuffled and duplicated events end as those in order; older never overwrites newer', async () => {
  const [ordered, mixed] = await Promise.all([freshSink(), freshSink()])
  await Promise.all([ordered.start(), mixed.start()])
  const events = histories()
  await inBatches(ordered, events, 40)
  await inBatches(mixed, shuffled([...events, ...events, ...events.slice(0, 30)]), 17)
  await Promise.all([ordered.caughtUp(), mixed.caughtUp()])
  const expected = await content(ordered)
  expect(expected.return_orders).toHaveLength(RETURNS)
  expect(expected.return_order_versions).toHaveLength(RETURNS * VERSIONS)
  expect(await content(mixed)).toEqual(expected)
})

test('I1, I2: a replay from zero changes nothing, neither rows nor deletions', async () => {
  const sink = await freshSink()
  const first = await sink.start()
  const events = histories()
  await inBatches(sink, events, 40)
  await sink.write([events[0]?.returnOrderId ?? ''])
  await sink.caughtUp()
  await first.stop()
  const before = await sink.tables()
  expect(before.return_orders?.filter((r) => r.deleted_at !== null)).toHaveLength(1)

  await sink.query('UPDATE returns.sink_offsets SET next_offset = NULL')
  await sink.start()
  await sink.caughtUp()
  expect(await sink.tables()).toEqual(before)
})

test('I1, I2: positions in Postgres win over what Kafka remembers', async () => {
  const sink = await freshSink()
  const first = await sink.start()
  await inBatches(sink, histories().slice(0, 50), 10)
  await sink.caughtUp()
  await first.stop()
  // As after a crash between the rows and Kafka's offset.
  await sink.rewindKafka()
  const before = await sink.query('SELECT xmin::text, * FROM returns.return_order_versions ORDER BY 2, 4, 5')

  await sink.start()
  const last = returnOrder({ returnOrderId: uuidOf('after the crash') })
  await sink.write([last])
  await sink.caughtUp()
  const after = await sink.query('SELECT xmin::text, * FROM returns.return_order_versions ORDER BY 2, 4, 5')
  expect(after.filter((r) => r.return_order_id !== last.returnOrderId)).toEqual(before)
  expect(after).toHaveLength(before.length + 1)
})

const reasons = async ({ url }: StartedService): Promise<Record<string, string>> => {
  const answer = await fetch(`${url}/ready`)
  return ((await answer.json()) as { reasons?: Record<string, string> }).reasons ?? {}
}

test('C18: Postgres down at start, and again later: it waits, /ready says so, then it goes on with nothing lost', async () => {
  const sink = await freshSink()
  const proxy = await tcpProxy(sink.databaseUrl)
  const started = await sink.start({ DATABASE_URL: proxy.url })
  const events = histories()
  await sink.write(events.slice(0, 20))
  await eventually(async () =>
    expect((await reasons(started)).postgres).toMatch(/Postgres does not answer: .*ECONNREFUSED/),
  )
  await proxy.up()
  await sink.caughtUp()
  await eventually(async () => expect(await reasons(started)).toEqual({}))

  await proxy.down()
  await sink.write(events.slice(20))
  await eventually(async () => expect((await reasons(started)).postgres).toMatch(/Postgres does not answer/))
  await proxy.up()
  await sink.caughtUp()
  await eventually(async () => expect(await reasons(started)).toEqual({}))
  expect((await sink.tables()).return_order_versions).toHaveLength(events.length)
  expect(await sink.deadLetters()).toEqual([])
  await started.stop()
  await proxy.down()
})

test('I1, C18: connections ended by the server in mid-stream lose nothing and send nothing to the dead letters', async () => {
  const sink = await freshSink()
  await sink.start()
  await sink.write([returnOrder()])
  await sink.caughtUp()
  const events = histories()
  let ended = 0
  for (let at = 0; at < events.length; at += 5) {
    await sink.write(events.slice(at, at + 5))
    const rows = await sink.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'postgres-sink' AND datname = current_database()`,
    )
    ended += rows.length
  }
  await sink.caughtUp()
  expect(ended).toBeGreaterThan(0)
  expect((await sink.tables()).return_order_versions).toHaveLength(events.length + 1)
  expect(await sink.deadLetters()).toEqual([])
})

test('the sink stops gracefully while Postgres is down', async () => {
  const sink = await freshSink()
  const proxy = await tcpProxy(sink.databaseUrl)
  const started = await sink.start({ DATABASE_URL: proxy.url })
  await eventually(async () => expect(await reasons(started)).toHaveProperty('postgres'))
  await started.stop()
})
