import { restApi } from '@backhaul/http'
import { Metrics } from '@backhaul/runtime'
import { tcpProxy } from '@backhaul/testing'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { budgetEvents, openRateBudget, type RateBudget, rateBudgetRoutes } from '../src/index.ts'
import { ACCEPTED, callOf, type Ground, REFUSED, startGround } from './budget.ts'

const SELLERS: Readonly<Record<string, ReadonlySet<string> | null>> = {
  'tenant-1': new Set(['A', 'B']),
  'tenant-2': new Set(['C']),
  '*': null,
}
let ground: Ground
let budget: RateBudget
let metrics: Metrics
const http = Fastify()

beforeAll(async () => {
  ground = await startGround()
  metrics = new Metrics('report-fetcher')
  const log = { debug() {}, warn() {} }
  const plans = { getReports: { rate: 0.0222, burst: 2 } }
  const events = budgetEvents(log as never, metrics)
  budget = await openRateBudget({ url: ground.url, application: 'app', events, plans })
  const verifyKey = async (key: string) => ({ keyId: 'k', tenantId: key, scopes: ['reports:read'] })
  const api = await restApi(http, { title: 'x', description: 'x', version: '1', verifyKey })
  rateBudgetRoutes(api, { budget, sellersOf: async (tenantId) => SELLERS[tenantId] ?? null })
  for (const sellerId of ['A', 'B', 'C']) {
    const call = (ticket: string) => callOf({ ticket, sellerId, operation: 'getReports' })
    await budget.ask(call('1'))
    await budget.answered(
      call('1'),
      sellerId === 'B' ? { ...REFUSED, retryAfterMs: 60_000 } : { ...ACCEPTED, rate: 0.1 },
    )
    await budget.ask(call('2'))
    await budget.ask(call('3'))
  }
})
afterAll(async () => {
  await http.close()
  await budget.close()
  await ground.close()
})

const get = async (tenant: string, query = '') =>
  (
    await http.inject({ url: `/v1/rate-budgets${query}`, headers: { authorization: `Bearer ${tenant}` } })
  ).json()

describe('/v1/rate-budgets', () => {
  test("shows a tenant its own sellers' limits, what is left, and who waits", async () => {
    const { items } = await get('tenant-1')
    expect(items).toEqual([
      {
        ...{ application: 'app', sellerId: 'A', operation: 'getReports', reportType: null },
        ...{ callsPerSecond: 0.1, secondsPerCall: 10, burst: 2, tokensLeft: expect.any(Number) },
        ...{ learnedFrom: 'header', blockedUntil: null, lastThrottledAt: null },
        ...{ waitingCalls: 1, waitingSince: expect.any(String) },
      },
      {
        ...{ application: 'app', sellerId: 'B', operation: 'getReports', reportType: null },
        ...{
          callsPerSecond: 0.0111,
          secondsPerCall: expect.closeTo(90, 0),
          burst: 1,
          tokensLeft: expect.closeTo(0, 0),
        },
        ...{
          learnedFrom: 'throttled',
          blockedUntil: expect.any(String),
          lastThrottledAt: expect.any(String),
        },
        ...{ waitingCalls: 2, waitingSince: expect.any(String) },
      },
    ])
    expect((await get('tenant-2')).items.map((i: { sellerId: string }) => i.sellerId)).toEqual(['C'])
  })

  test('pages and filters', async () => {
    const first = await get('*', '?limit=2')
    expect(first.items.map((i: { sellerId: string }) => i.sellerId)).toEqual(['A', 'B'])
    const rest = await get('*', `?limit=2&cursor=${first.nextCursor}`)
    expect([rest.items.length, rest.items[0].sellerId, rest.nextCursor]).toEqual([1, 'C', null])
    expect((await get('*', '?sellerId=B')).items).toHaveLength(1)
    expect((await get('*', '?operation=createReport')).items).toHaveLength(0)
  })
})

test('metrics tell what was asked, refused, is left and waits, without any id', async () => {
  const text = await metrics.text()
  const labels = 'operation="getReports",scope="seller",service="report-fetcher"'
  expect(text).toContain(`rate_budget_waiting_calls{${labels}} 4`)
  expect(text).toMatch(new RegExp(`rate_budget_left_ratio{${labels}} (0|0\\.0\\d+)\n`))
  expect(text).toMatch(/rate_budget_oldest_wait_seconds\{[^}]*\} [\d.]+/)
  expect(text).toContain(`rate_budget_throttled_total{${labels}} 1`)
  expect(text).toMatch(
    /rate_budget_asked_total\{operation="getReports",priority="live",outcome="granted",[^}]*\} 5/,
  )
  expect(text).toMatch(/rate_budget_wait_seconds_count\{[^}]*operation="getReports"[^}]*\} 5/)
})

test('Postgres that is away: calls wait, a lesson is lost and counted, metrics are still given', async () => {
  const proxy = await tcpProxy(ground.url)
  await proxy.up()
  const own = new Metrics('report-fetcher')
  const events = budgetEvents({ debug() {}, warn() {} } as never, own)
  const cutOff = await openRateBudget({ url: proxy.url, application: 'app', events })
  await proxy.down()
  const call = callOf({ ticket: 'x' })
  await expect(cutOff.ask(call)).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE', retryable: true })
  await cutOff.answered(call, ACCEPTED)
  expect(await own.text()).toMatch(/rate_budget_lessons_lost_total\{operation="createReport",[^}]*\} 1/)
  await cutOff.close()
})
