import { afterEach, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start.ts'
import { Caller, scenarioFile } from '../testing/caller.ts'

const XML = 'GET_XML_RETURNS_DATA_BY_RETURN_DATE'
const RATE = 'x-amzn-ratelimit-limit'
let amazon: Simulator

const play = async (name: string) => {
  amazon = await startSimulator({ scenario: scenarioFile(name) })
  return new Caller(amazon)
}
afterEach(() => amazon.stop())
const statuses = async (caller: Caller, times: number, asked = {}) => {
  const found: number[] = []
  for (let n = 0; n < times; n++) found.push((await caller.create(asked)).status)
  return found
}

test('the published burst goes through, then 429 without a rate; the rate is on answers, also on 400 and 404', async () => {
  amazon = await startSimulator()
  const caller = new Caller(amazon)
  expect((await caller.create()).headers.get(RATE)).toBe('0.0167')
  expect(new Set(await statuses(caller, 14))).toEqual(new Set([202]))
  const refused = await caller.create()
  expect([refused.status, refused.body.errors[0]?.code]).toEqual([429, 'QuotaExceeded'])
  expect(refused.headers.get(RATE)).toBeNull()
  const unknown = await caller.get('1')
  expect([unknown.status, unknown.headers.get(RATE)]).toEqual([404, '2'])
})

test('planned 429 answers come without a rate and with one, and take no effect', async () => {
  const caller = await play('throttled')
  for (const rate of [null, null, null, '0.0167']) {
    const { status, headers } = await caller.create()
    expect([status, headers.get(RATE)]).toEqual([429, rate])
  }
  expect(amazon.simulation.reports.size).toBe(0)
  expect(await statuses(caller, 1)).toEqual([202])
})

test('limits cut in mid-run: the third call meets a bucket of one, which fills with simulated time', async () => {
  const caller = await play('limits-cut')
  expect(await statuses(caller, 4)).toEqual([202, 202, 202, 429])
  amazon.simulation.clock.advance(600_000)
  const answer = await caller.create()
  expect([answer.status, answer.headers.get(RATE)]).toEqual([202, '0.0017'])
  expect(await statuses(caller, 1)).toEqual([429])
})

test('an application-wide limit refuses a seller who never called', async () => {
  await play('limits-of-the-application')
  const [first, second, third] = amazon.simulation.sellers.all.map(
    (seller) => new Caller(amazon, seller),
  ) as [Caller, Caller, Caller]
  expect(await statuses(first, 2)).toEqual([202, 202])
  expect(await statuses(second, 2)).toEqual([202, 429])
  expect(await statuses(third, 1)).toEqual([429])
})

test('a report type may have a bucket of its own', async () => {
  const caller = await play('limits-by-report-type')
  expect(await statuses(caller, 2, { reportType: XML })).toEqual([202, 429])
  expect(await statuses(caller, 2)).toEqual([202, 202])
})
