import { eventually, freshDatabase } from '@backhaul/testing'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ledger, openLedger } from '../src/adapters/ledger.ts'
import { scopeOf } from '../src/report-run.ts'
import { plannedRun } from './runs.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>
let ledger: Ledger

beforeAll(async () => {
  database = await freshDatabase()
  ledger = await openLedger(database.url)
})
afterAll(async () => {
  await ledger.close()
  await database.drop()
})

const found = async (now: number) => {
  const ids: string[] = []
  await ledger.withDueRun(now, async (run) => void ids.push(run.id))
  return ids
}

test('however many scopes others hold, the free one is worked on; one whose holder dies is free at once', async () => {
  const runs = Array.from({ length: 41 }, (_, n) => ({
    ...plannedRun({ startedAt: n }),
    sellerId: `SELLER-${n}`,
  }))
  for (const run of runs) await ledger.insert(run)
  const other = new pg.Client({ connectionString: database.url })
  other.on('error', () => {})
  await other.connect()
  await other.query('BEGIN')
  for (const run of runs.slice(0, 40))
    await other.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [scopeOf(run)])
  expect(await found(100)).toEqual([runs[40]?.id])
  const { rows } = await other.query('SELECT pg_backend_pid() AS pid')
  const killer = new pg.Client({ connectionString: database.url })
  await killer.connect()
  await killer.query('SELECT pg_terminate_backend($1)', [rows[0].pid])
  await killer.end()
  await eventually(async () => expect(await found(100)).toEqual([runs[0]?.id]))
})

test('two workers of one scope: the second finds nothing while the first works, however long', async () => {
  const run = { ...plannedRun({ startedAt: 1_000 }), sellerId: 'ALONE', notBefore: -1 }
  await ledger.insert(run)
  await ledger.withDueRun(0, async (mine) => {
    expect(mine.id).toBe(run.id)
    // Saving it by other connections does not wait for the lock.
    await ledger.save({ ...mine, notBefore: -2 })
    expect((await found(-1)).includes(run.id)).toBe(false)
  })
  expect(await found(-1)).toEqual([run.id])
})
