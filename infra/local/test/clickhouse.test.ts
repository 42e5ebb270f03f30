import { freshClickHouse } from '@backhaul/testing'
import { type ClickHouseClient, createClient } from '@clickhouse/client'
import { afterAll, beforeAll, expect, test } from 'vitest'

let database: Awaited<ReturnType<typeof freshClickHouse>>
let client: ClickHouseClient

beforeAll(async () => {
  database = await freshClickHouse()
  client = createClient({ url: database.url, compression: { request: true, response: true } })
  await client.command({
    query: `CREATE TABLE t (id UInt32, name String) ENGINE = MergeTree ORDER BY id
            SETTINGS non_replicated_deduplication_window = 100`,
  })
})
afterAll(async () => {
  await client.close()
  await database.drop()
})

const rows = async (query: string, query_params = {}) =>
  (await client.query({ query, query_params, format: 'JSONEachRow' })).json()

test('the official client pings, writes compressed rows and reads them with parameters', async () => {
  expect(await client.ping()).toEqual({ success: true })
  await client.insert({ table: 't', values: [{ id: 1, name: "it's\t\\" }], format: 'JSONEachRow' })
  expect(await rows('SELECT name FROM t WHERE id = {id:UInt32}', { id: 1 })).toEqual([{ name: "it's\t\\" }])
})

test('an insert under a used token adds nothing', async () => {
  const insert = () =>
    client.insert({
      table: 't',
      values: [{ id: 2, name: 'once' }],
      format: 'JSONEachRow',
      clickhouse_settings: { async_insert: 0, insert_deduplicate: 1, insert_deduplication_token: 'token' },
    })
  await insert()
  await insert()
  expect(await rows('SELECT count() AS n FROM t WHERE id = 2')).toEqual([{ n: 1 }])
})

test('a setting of one statement does not outlive it', async () => {
  const limited = client.query({
    query: 'SELECT number FROM numbers(10)',
    clickhouse_settings: { max_result_rows: '1' },
  })
  await expect(limited.then((answer) => answer.text())).rejects.toThrow(/TOO_MANY_ROWS|Limit for result/)
  expect(await rows('SELECT count() AS n FROM numbers(10)')).toEqual([{ n: 10 }])
})

test('an error comes with its number and words', async () => {
  await expect(rows('SELECT nobody FROM t')).rejects.toMatchObject({ code: '47', type: 'UNKNOWN_IDENTIFIER' })
})

test('statements of many callers at once each have their own answer', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => rows(`SELECT ${n} AS n`)))
  expect(answers).toEqual(Array.from({ length: 20 }, (_, n) => [{ n }]))
})
