import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RateBudget } from '../src/index.ts'
import { ACCEPTED, callOf, type Ground, REFUSED, startGround, turnOf } from './budget.ts'

const PLANS = {
  createReport: { rate: 20, burst: 2 },
  getReports: { rate: 1 / 60, burst: 3 },
  getReport: { rate: 1000, burst: 50 },
}
let ground: Ground
let one: RateBudget
let two: RateBudget
let seller: string

beforeAll(async () => {
  ground = await startGround()
  one = await ground.instance(PLANS)
  two = await ground.instance(PLANS)
  await ground.noteGrants()
})
afterAll(() => ground.close())
beforeEach(async () => {
  seller = `seller-${randomUUID()}`
  await ground.postgres.query('DELETE FROM rate_budget.waiting_calls')
  await ground.postgres.query(
    "UPDATE rate_budget.limits SET rate = CASE seller_id WHEN '' THEN NULL ELSE rate END, cut_at = NULL, throttled_at = NULL",
  )
})

const slow = (ticket: string, given = {}) =>
  callOf({ ticket, sellerId: seller, operation: 'getReports', ...given })

async function emptied(): Promise<void> {
  for (const n of [1, 2, 3]) expect(await one.ask(slow(`burst-${n}`))).toEqual({ granted: true })
}

test('C7: what one instance took, another does not have; the wait is told', async () => {
  await emptied()
  const turn = await two.ask(slow('x'))
  expect(turn).toMatchObject({ granted: false })
  expect(turn.granted || turn.waitMs).toBeGreaterThan(55_000)
  expect(turn.granted || turn.askAgainMs).toBeLessThanOrEqual(60_000)
})

test('those who wait longer are told to wait less, and keep their place from try to try', async () => {
  await emptied()
  const waitOf = async (ticket: string) => {
    const turn = await two.ask(slow(ticket))
    return turn.granted ? 0 : Math.round(turn.waitMs / 60_000)
  }
  expect([await waitOf('a'), await waitOf('b'), await waitOf('c')]).toEqual([1, 2, 3])
  expect([await waitOf('c'), await waitOf('a'), await waitOf('b')]).toEqual([3, 1, 2])
  await one.giveUp(slow('a'))
  expect([await waitOf('c'), await waitOf('b')]).toEqual([2, 1])
})

test('interactive calls go before all that wait, and backfills after them', async () => {
  await emptied()
  await one.ask(slow('live'))
  await one.ask(slow('old backfill', { priority: 'backfill' }))
  const wait = async (ticket: string, priority: string) => {
    const turn = await two.ask(slow(ticket, { priority }))
    return turn.granted ? 0 : Math.round(turn.waitMs / 60_000)
  }
  expect(await wait('somebody', 'interactive')).toBe(1)
  expect(await wait('live', 'live')).toBe(2)
  expect(await wait('old backfill', 'backfill')).toBe(4) // one token stays for others
})

test('a backfill leaves a third of a burst to live calls', async () => {
  const backfill = (n: number) => one.ask(slow(`b${n}`, { priority: 'backfill' }))
  expect([(await backfill(1)).granted, (await backfill(2)).granted, (await backfill(3)).granted]).toEqual([
    ...[true, true, false],
  ])
  expect((await one.ask(slow('live'))).granted).toBe(true)
})

test('a place that nobody comes back for ends, and holds nobody up', async () => {
  await emptied()
  await one.ask(slow('crashed'))
  await ground.postgres.query("UPDATE rate_budget.waiting_calls SET expires_at = now() - interval '1 s'")
  const turn = await two.ask(slow('next'))
  expect(turn.granted || turn.waitMs).toBeLessThanOrEqual(60_000)
})

test('C7: a holder whose connection breaks inside its turn has taken nothing', async () => {
  const fast = (ticket: string) => callOf({ ticket, sellerId: seller })
  await one.ask(fast('first'))
  const holder = new pg.Client({ connectionString: ground.url })
  holder.on('error', () => {})
  await holder.connect()
  await holder.query('BEGIN')
  await holder.query(
    "SELECT * FROM rate_budget.limits WHERE operation = 'createReport' AND seller_id = '' FOR UPDATE",
  )
  await holder.query('UPDATE rate_budget.limits SET tokens = 0 WHERE seller_id = $1', [seller])
  const { rows } = await holder.query('SELECT pg_backend_pid() AS pid')
  const waiting = two.ask(fast('second'))
  await ground.postgres.query('SELECT pg_terminate_backend($1)', [rows[0].pid])
  expect(await waiting).toEqual({ granted: true })
})

describe('learning', () => {
  const line = async (sellerId: string | null = seller, operation = 'getReports') =>
    (await two.lines(new Set([seller]))).find((l) => l.sellerId === sellerId && l.operation === operation)

  test('a rate that one instance was told holds for all', async () => {
    await one.ask(slow('x'))
    expect(await line()).toMatchObject({ rate: 1 / 60, learnedFrom: 'plan', burst: 3 })
    await one.answered(slow('x'), { ...ACCEPTED, rate: 0.5 })
    expect(await line()).toMatchObject({ rate: 0.5, learnedFrom: 'header' })
  })

  test('a 429 with Retry-After stops the seller for as long, and no other seller', async () => {
    await one.ask(slow('x'))
    await one.answered(slow('x'), { ...REFUSED, retryAfterMs: 600_000 })
    const turn = await two.ask(slow('y'))
    expect(turn.granted || turn.waitMs).toBeGreaterThan(590_000)
    expect((await two.ask(slow('z', { sellerId: `${seller}-other` }))).granted).toBe(true)
    expect(await line()).toMatchObject({
      tokensLeft: expect.closeTo(0, 2),
      learnedFrom: 'throttled',
      waitingCalls: 1,
    })
    expect((await line())?.throttledAt).toBeGreaterThan(Date.now() - 60_000)
  })

  test('429s of three sellers are about the application, and stop a fourth', async () => {
    for (const n of [1, 2, 3]) {
      const call = slow('x', { sellerId: `${seller}-${n}` })
      await one.ask(call)
      await one.answered(call, REFUSED)
    }
    expect(await line(null)).toMatchObject({ rate: 1 / 60, burst: 1, learnedFrom: 'throttled' })
    expect((await two.ask(slow('x', { sellerId: `${seller}-4` }))).granted).toBe(false)
  })

  test('a 429 for one type of report, while another is taken, is about that type', async () => {
    const ofType = (reportType: string) => slow('x', { reportType })
    await one.ask(ofType('RETURNS'))
    await one.answered(ofType('RETURNS'), ACCEPTED)
    await one.ask(ofType('PRIME'))
    await one.answered(ofType('PRIME'), REFUSED)
    expect((await two.ask(ofType('PRIME'))).granted).toBe(false)
    await two.giveUp(ofType('PRIME'))
    expect((await two.ask(ofType('RETURNS'))).granted).toBe(true)
  })
})

test('C7: a thousand waiting calls of one seller do not hold up the one call of another', async () => {
  const many = `${seller}-many`
  const few = `${seller}-few`
  const cut = callOf({ ticket: 'x', sellerId: seller })
  await ground.postgres.query(
    "UPDATE rate_budget.limits SET rate = 10, burst = 1, tokens = 0, cut_at = now(), filled_at = now() WHERE operation = 'createReport' AND seller_id = ''",
  )
  await one.ask({ ...cut, sellerId: many })
  await ground.postgres.query(
    `INSERT INTO rate_budget.waiting_calls (application, operation, ticket, seller_id, report_type, priority, waiting_since, ready_at, expires_at)
     SELECT 'test', 'createReport', 'many-' || n, $1, '', 1, now() - interval '1 h', now(), now() + interval '1 h'
     FROM generate_series(1, 1000) n`,
    [many],
  )
  await ground.postgres.query('DELETE FROM grants')
  const ending = new AbortController()
  const askers = Array.from({ length: 20 }, (_, n) =>
    turnOf(one, callOf({ ticket: `many-${n + 1}`, sellerId: many }), ending.signal).catch(() => {}),
  )
  await turnOf(two, callOf({ ticket: 'few', sellerId: few }))
  ending.abort()
  const granted = (await ground.grants()).map(({ sellerId }) => sellerId)
  await Promise.all(askers)
  expect(granted.indexOf(few)).toBeGreaterThanOrEqual(0)
  expect(granted.indexOf(few)).toBeLessThanOrEqual(2)
})
