import { freshDatabase } from '@backhaul/testing'
import type { Knex } from 'knex'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate, openKnex, toFault } from '../src/index.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

test('instances that start together migrate once, one after the other', async () => {
  let runs = 0
  const first = {
    async up(db: Knex) {
      runs += 1
      await db.schema.createTable('things', (t) => t.text('id').primary())
    },
  }
  const owned = { url: database.url, schema: 'together', migrations: { '1-first': first } }
  await Promise.all([migrate(owned), migrate(owned), migrate(owned)])
  expect(runs).toBe(1)
  const db = openKnex(owned, 1)
  expect(await db('things').count('id as n').first()).toEqual({ n: '0' })
  await db.destroy()
})

test('a migration that fails leaves nothing, and the next try does it whole', async () => {
  let fails = true
  const second = {
    async up(db: Knex) {
      await db.schema.createTable('half', (t) => t.text('id').primary())
      if (fails) throw new TypeError('a bug')
    },
  }
  const owned = { url: database.url, schema: 'half_done', migrations: { '1-half': second } }
  await expect(migrate(owned)).rejects.toThrow('a bug')
  fails = false
  await migrate(owned)
  const db = openKnex(owned, 1)
  expect(await db('half').count('id as n').first()).toEqual({ n: '0' })
  await db.destroy()
})

test('a server that nobody runs is a retryable fault, for knex and for pg', async () => {
  const url = 'postgres://nobody:nothing@127.0.0.1:9/none'
  const unavailable = { code: 'POSTGRES_UNAVAILABLE', retryable: true }
  await expect(migrate({ url, schema: 'x', migrations: {} })).rejects.toMatchObject(unavailable)
  const client = new pg.Client({ connectionString: url })
  expect(toFault(await client.connect().catch((error: unknown) => error))).toMatchObject(unavailable)
})

test('a session that the server ends is retryable; a wrong statement is not, and comes back as it is', async () => {
  const client = new pg.Client({ connectionString: database.url })
  client.on('error', () => {})
  await client.connect()
  const wrong = await client.query('SELECT nobody').catch((error: unknown) => error)
  expect(toFault(wrong)).toBe(wrong)
  const ended = await client
    .query('SELECT pg_terminate_backend(pg_backend_pid())')
    .catch((error: unknown) => error)
  expect(toFault(ended)).toMatchObject({ code: 'POSTGRES_UNAVAILABLE', retryable: true })
})
