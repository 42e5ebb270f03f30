import { type AddressInfo, connect, createServer } from 'node:net'
import type { ReturnOrder } from '@backhaul/domain'
import { returnItem, returnOrder } from '@backhaul/domain/builders'
import { type StartedService, startService } from '@backhaul/runtime'
import { actAs, eventually, freshClickHouse, freshTopics } from '@backhaul/testing'
import { type ClickHouseClient, createClient } from '@clickhouse/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { service } from '../src/service.ts'
import { reportRuns, returnDeletions, returnItems } from '../src/tables.ts'

let topics: Awaited<ReturnType<typeof freshTopics>>
let database: Awaited<ReturnType<typeof freshClickHouse>>
let client: ClickHouseClient
let sink: StartedService
let reconciler: Awaited<ReturnType<typeof actAs<'reconciler'>>>
let fetcher: Awaited<ReturnType<typeof actAs<'report-fetcher'>>>

const start = () =>
  startService(service, {
    environment: {
      ...topics.environment,
      CLICKHOUSE_URL: database.url,
      INSERT_INTERVAL_MS: '20',
      LOG_LEVEL: 'fatal',
    },
    onFailure: (error) => {
      throw error
    },
  })

beforeAll(async () => {
  ;[topics, database] = await Promise.all([freshTopics(), freshClickHouse()])
  client = createClient({ url: database.url })
  ;[reconciler, fetcher, sink] = await Promise.all([
    actAs('reconciler', topics.prefix),
    actAs('report-fetcher', topics.prefix),
    start(),
  ])
})
afterAll(async () => {
  await sink.stop()
  await client.close()
  await database.drop()
})

const rows = async <T = Record<string, unknown>>(query: string) =>
  (await client.query({ query, format: 'JSONEachRow' })).json<T>()

let sent = 0
/** Publishes events in one transaction, in this order; null deletes the return. */
async function publish(events: readonly (ReturnOrder | { deleted: string })[]): Promise<void> {
  const writer = await reconciler.transactionalWriter('0')
  await writer.transaction((outbox) => {
    for (const event of events) {
      const [key, value] = 'deleted' in event ? [event.deleted, null] : [event.returnOrderId, event]
      const [eventId, timestamp] = [`event-${++sent}`, 1_780_000_000_000 + sent]
      outbox.write('return-orders.v1', { key, value, eventId, timestamp, partition: 0 })
    }
  })
  await writer.close()
}

/** A return of one item, all ids from the name. */
const oneItem = (
  name: string,
  given: Partial<ReturnOrder> = {},
  item: Parameters<typeof returnItem>[0] = {},
) =>
  returnOrder({
    returnOrderId: name,
    items: [returnItem({ returnItemId: `${name}/item`, ...item })],
    ...given,
  })

const current = (name: string) => rows(`SELECT * FROM current_return_items WHERE return_order_id = '${name}'`)

test('the columns that the sink writes are those of the tables, in name and type', async () => {
  for (const table of [returnItems, returnDeletions, reportRuns]) {
    const made = () =>
      rows(
        `SELECT name, type AS sql FROM system.columns WHERE database = currentDatabase() AND table = '${table.name}' ORDER BY position`,
      )
    await eventually(async () =>
      expect(table.columns.map(({ name, sql }) => ({ name, sql }))).toEqual(await made()),
    )
  }
})

test('B1: no view is fed by an insert', async () => {
  expect(
    await rows(
      `SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'MaterializedView' AND create_table_query NOT LIKE '%REFRESH%'`,
    ),
  ).toEqual([])
})

test('a return is one row an item, with its order; the later version takes its place', async () => {
  await publish([oneItem('replaced'), oneItem('replaced', { version: 2, status: 'received' })])
  await eventually(async () =>
    expect(await current('replaced')).toMatchObject([{ version: 2, status: 'received' }]),
  )
  expect((await current('replaced'))[0]).toMatchObject({
    origin: 'integration',
    sku: 'SKU-1',
    order_reference: '303-0000000-0000001',
    requested_on: '2026-08-02',
    order_amount_minor_by_currency: { EUR: 1999 },
    refunded_minor_by_currency: {},
  })
})

test('A4: shuffled and repeated events end as in order', async () => {
  const events = Array.from({ length: 300 }, (_, n) =>
    oneItem(`shuffled-${n % 60}`, {
      version: 1 + Math.floor(n / 60),
      status: `status-${Math.floor(n / 60)}`,
    }),
  )
  const shuffled = [...events, ...events.slice(0, 100)]
    .map((event, n) => ({ event, at: (n * 7919) % 401 }))
    .sort((a, b) => a.at - b.at)
    .map(({ event }) => event)
  await publish(shuffled)
  await eventually(async () => {
    const found = await rows(
      `SELECT version, status, count() AS n FROM current_return_items WHERE return_order_id LIKE 'shuffled-%' GROUP BY ALL`,
    )
    expect(found).toEqual([{ version: 5, status: 'status-4', n: 60 }])
  })
})

test('an item that was removed and a return that was deleted leave the views; a later event brings it back', async () => {
  await publish([
    oneItem('kit', {}, { removed: true }),
    oneItem('deleted'),
    { deleted: 'deleted' },
    oneItem('revived'),
    { deleted: 'revived' },
    oneItem('revived', { version: 2 }),
    oneItem('marker-deleted'),
  ])
  await eventually(async () => expect(await current('marker-deleted')).toHaveLength(1))
  expect(await current('kit')).toEqual([])
  expect(await current('deleted')).toEqual([])
  expect(await current('revived')).toMatchObject([{ version: 2 }])
})

test('B6, RC-54: refunds stay apart by currency, unknown ones are counted as such, unmapped reasons show', async () => {
  const money = (amountMinor: number, currency: string) => ({ refunded: { amountMinor, currency } })
  await publish([
    oneItem('money-1', { channelId: 'money' }, money(1999, 'EUR')),
    oneItem('money-2', { channelId: 'money' }, money(1, 'EUR')),
    oneItem('money-3', { channelId: 'money' }, money(500, 'GBP')),
    oneItem('money-4', { channelId: 'money' }, { quantity: 3 }),
    oneItem('money-5', { channelId: 'money' }, { reason: { ...returnItem().reason, returnReasonId: null } }),
  ])
  await eventually(async () => {
    const found = await rows(
      `SELECT sku, reason, return_reason, returns, items, units, items_refund_unknown, refunded_minor_by_currency
       FROM return_reasons WHERE channel_id = 'money' ORDER BY return_reason`,
    )
    expect(found).toEqual([
      {
        ...{ sku: 'SKU-1', reason: 'DEFECTIVE', return_reason: 'reason-defective' },
        ...{ returns: 4, items: 4, units: 6, items_refund_unknown: 1 },
        refunded_minor_by_currency: { EUR: 2000, GBP: 500 },
      },
      {
        ...{ sku: 'SKU-1', reason: 'DEFECTIVE', return_reason: 'unmapped' },
        ...{ returns: 1, items: 1, units: 1, items_refund_unknown: 1 },
        refunded_minor_by_currency: {},
      },
    ])
  })
})

test('B6: no view gives an amount that could be added over currencies', async () => {
  for (const view of ['current_return_items', 'return_reasons']) {
    await expect(rows(`SELECT sum(refunded_minor_by_currency) FROM ${view}`)).rejects.toThrow(
      /ILLEGAL_TYPE|Illegal type/,
    )
    const amounts = await rows(
      `SELECT name FROM system.columns WHERE database = currentDatabase() AND table = '${view}' AND name LIKE '%minor%' AND type NOT LIKE 'Map(%'`,
    )
    expect(amounts).toEqual([])
  }
})

test('RC-07: origin can be filtered', async () => {
  await publish([
    oneItem('by-hand', { origin: 'manual', channelId: 'origins' }),
    oneItem('by-integration', { channelId: 'origins' }),
  ])
  await eventually(async () => {
    const found = await rows(
      `SELECT origin, items FROM return_reasons WHERE channel_id = 'origins' ORDER BY origin`,
    )
    expect(found).toEqual([
      { origin: 'integration', items: 1 },
      { origin: 'manual', items: 1 },
    ])
  })
  expect(await rows(`SELECT return_order_id FROM current_return_items WHERE origin = 'manual'`)).toEqual([
    { return_order_id: 'by-hand' },
  ])
})

test('a report run is one row; its end takes the place of its begin', async () => {
  const run = {
    ...{
      reportRunId: 'run-1',
      tenantId: 't',
      integrationId: 'i',
      sellerId: 's',
      marketplaceId: 'm',
      reportType: 'r',
    },
    ...{
      reportId: null,
      windowFrom: 1_000,
      windowTo: 2_000,
      startedAt: 3_000,
      documentSha256: null,
      bytes: null,
    },
    ...{ cancelledClass: null, error: null, position: 0, provenTo: null, rowsByDay: {} },
  }
  const nothing = { rowsInDocument: 0, new: 0, changed: 0, unchanged: 0, skipped: {}, rejected: {} }
  const writer = await fetcher.transactionalWriter('runs')
  await writer.transaction((outbox) => {
    const begun = { ...run, ...nothing, state: 'REQUESTED', endedAt: null }
    const counts = {
      rowsInDocument: 5,
      new: 1,
      changed: 1,
      unchanged: 1,
      skipped: { old: 1 },
      rejected: { sku_missing: 1 },
    }
    const ended = { ...run, ...counts, state: 'PUBLISHED', endedAt: 4_000 }
    outbox.write('report-runs.v1', { key: 'i', value: begun, eventId: '1', timestamp: 3_000 })
    outbox.write('report-runs.v1', { key: 'i', value: ended, eventId: '2', timestamp: 4_000 })
  })
  await writer.close()
  await eventually(async () => {
    const found = await rows(
      `SELECT report_run_id, state, rows_in_document, rows_new + rows_changed + rows_unchanged + arraySum(mapValues(rows_skipped)) + arraySum(mapValues(rows_rejected)) AS sum,
       window_from FROM current_report_runs`,
    )
    expect(found).toEqual([
      {
        report_run_id: 'run-1',
        state: 'PUBLISHED',
        rows_in_document: 5,
        sum: 5,
        window_from: '1970-01-01 00:00:01.000',
      },
    ])
  })
})

test('B2: whole days that a run read are shown with their rows; a day that none read to its end is missing', async () => {
  const day = 86_400_000
  const run = {
    ...{ reportRunId: 'run-days', tenantId: 't', integrationId: 'days', sellerId: 's', marketplaceId: 'm' },
    ...{ reportType: 'r', reportId: null, windowFrom: day / 2, windowTo: 4 * day, provenTo: 3.5 * day },
    ...{
      startedAt: 3_000,
      endedAt: 4_000,
      documentSha256: null,
      bytes: null,
      state: 'PUBLISHED',
      position: 1,
    },
    ...{ rowsInDocument: 3, new: 3, changed: 0, unchanged: 0, skipped: {}, rejected: {} },
    ...{ rowsByDay: { '1970-01-02': 3 }, cancelledClass: null, error: null },
  }
  const writer = await fetcher.transactionalWriter('days')
  await writer.transaction((outbox) =>
    outbox.write('report-runs.v1', { key: 'days', value: run, eventId: 'days', timestamp: 4_000 }),
  )
  await writer.close()
  await eventually(async () =>
    expect(
      await rows(`SELECT day, rows_in_document FROM days_read WHERE integration_id = 'days' ORDER BY day`),
    ).toEqual([
      { day: '1970-01-02', rows_in_document: 3 },
      { day: '1970-01-03', rows_in_document: 0 },
    ]),
  )
})

test('C16: bytes nobody can read and a value that ClickHouse refuses are dead letters, once each; neighbours pass', async () => {
  const bad = oneItem('refused', {}, { quantity: -1 })
  const before = await deadLetters()
  await publish([oneItem('neighbour-1'), oneItem('neighbour-2'), bad, oneItem('neighbour-3')])
  const producer = reconciler.client.producer()
  await producer.connect()
  await producer.send({
    topic: reconciler.physical('return-orders.v1'),
    messages: [{ key: 'garbage', value: 'garbage', partition: 0 }],
  })
  await producer.disconnect()
  await publish([oneItem('neighbour-4')])
  await eventually(async () => expect(await current('neighbour-4')).toHaveLength(1))
  for (const n of [1, 2, 3]) expect(await current(`neighbour-${n}`)).toHaveLength(1)
  expect(await current('refused')).toEqual([])
  const fresh = (await deadLetters()).slice(before.length)
  expect(fresh).toEqual([
    { key: 'refused', code: 'ROWS_UNSTORABLE', topic: 'return-orders.v1' },
    { key: 'garbage', code: 'UNDECODABLE_FRAME', topic: 'return-orders.v1' },
  ])
})

test('I2: stopped and started again, it reads on where it was: nothing is inserted twice', async () => {
  await publish([oneItem('before-restart')])
  await eventually(async () => expect(await current('before-restart')).toHaveLength(1))
  await sink.stop()
  await client.command({ query: 'SYSTEM STOP MERGES return_items' })
  const stored = async () => (await rows<{ raw: number }>('SELECT count() AS raw FROM return_items'))[0]?.raw
  const before = (await stored()) ?? 0
  await publish([oneItem('after-restart')])
  sink = await start()
  await eventually(async () => expect(await current('after-restart')).toHaveLength(1))
  expect(await stored()).toBe(before + 1)
})

test('C18: with ClickHouse down at the start it waits and says so, and goes on by itself', async () => {
  const [own, store] = await Promise.all([freshTopics(), freshClickHouse()])
  const real = new URL(store.url)
  const proxy = createServer((socket) => {
    const upstream = connect(Number(real.port), real.hostname)
    socket.pipe(upstream).pipe(socket)
    socket.on('error', () => upstream.destroy())
    upstream.on('error', () => socket.destroy())
  })
  const port = await freePort()
  const waiting = await startService(service, {
    environment: {
      ...own.environment,
      CLICKHOUSE_URL: `http://127.0.0.1:${port}${real.pathname}`,
      LOG_LEVEL: 'fatal',
    },
    onFailure: (error) => {
      throw error
    },
  })
  const ready = async () => {
    const answer = await fetch(`${waiting.url}/ready`)
    return { status: answer.status, body: await answer.text() }
  }
  await eventually(async () =>
    expect(await ready()).toMatchObject({
      status: 503,
      body: expect.stringContaining('ClickHouse does not answer'),
    }),
  )
  await new Promise<void>((resolve) => proxy.listen(port, '127.0.0.1', resolve))
  await eventually(async () => expect(await ready()).toMatchObject({ status: 200 }))
  await waiting.stop()
  proxy.close()
  await store.drop()
})

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

async function deadLetters() {
  const reader = reconciler.partitionReader()
  const topic = reconciler.physical('dead-letters.clickhouse-sink.v1' as never)
  const found: { key: string; code: string; topic: string }[] = []
  try {
    const end = await reader.latest(topic, 0)
    await reader.seek(topic, 0, 0n)
    for (let next = 0n; next < end; ) {
      for (const batch of await reader.fetch(100)) {
        next = batch.nextOffset
        for (const { key, headers } of batch.records) {
          found.push({
            key: String(key),
            code: String(headers['error-code']),
            topic: String(headers['origin-topic']),
          })
        }
      }
    }
    return found
  } finally {
    await reader.close()
  }
}
