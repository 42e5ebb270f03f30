import { afterEach, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start.ts'
import { Caller, scenarioFile } from '../testing/caller.ts'

const FBA_RETURNS = 'GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA'
const HOUR_MS = 3_600_000
let amazon: Simulator

async function play(name: string): Promise<Caller> {
  amazon = await startSimulator({ scenario: scenarioFile(name), quotaFactor: 100 })
  return new Caller(amazon)
}
afterEach(() => amazon.stop())
const causes = () => [...amazon.simulation.reports.values()].map((report) => report.cause)

test('a window without returns ends CANCELLED, and has no document', async () => {
  const caller = await play('cancelled-no-data')
  const { body } = await caller.create()
  const report = (await caller.get(body.reportId)).body
  expect([report.processingStatus, report.reportDocumentId]).toEqual(['CANCELLED', undefined])
  expect(causes()).toEqual(['no-data'])
})

test("SC-20: a request that collides with a schedule's report ends CANCELLED, and getReports finds the other one", async () => {
  const caller = await play('cancelled-collided')
  expect(await caller.statusOfNew()).toBe('CANCELLED')
  expect(await caller.statusOfNew({ marketplace: caller.marketplaces[1] as string })).toBe('DONE')
  const { reports } = (
    await caller.call(
      'GET',
      `/reports/2021-06-30/reports?reportTypes=GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE&marketplaceIds=${caller.marketplaces[0]}&processingStatuses=DONE`,
    )
  ).body
  expect(reports).toHaveLength(1)
  expect(reports[0]?.reportScheduleId).toBeTruthy()
  expect(causes()).toEqual([null, 'collided', null])
})

test('the same window asked for again too soon ends CANCELLED, another window and a later time do not', async () => {
  const caller = await play('cancelled-throttled')
  amazon.simulation.clock.set({ speed: 1 })
  const body = {
    reportType: 'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE',
    marketplaceIds: [caller.marketplaces[0]],
    dataStartTime: new Date(amazon.simulation.clock.now() - 60 * 24 * HOUR_MS).toISOString(),
    dataEndTime: new Date(amazon.simulation.clock.now()).toISOString(),
  }
  const status = async () => {
    const asked = await caller.call('POST', '/reports/2021-06-30/reports', body)
    return (await caller.get(asked.body.reportId)).body.processingStatus
  }
  expect([await status(), await status()]).toEqual(['DONE', 'CANCELLED'])
  expect(await caller.statusOfNew({ days: 59 })).toBe('DONE')
  amazon.simulation.clock.advance(HOUR_MS)
  expect(await status()).toBe('DONE')
  expect(causes()).toEqual([null, 'throttled', null, null])
})

test('RC-01: an FBA-only seller gets CANCELLED for merchant-fulfilled returns, and rows in the FBA report', async () => {
  const caller = await play('cancelled-wrong-programme')
  expect(await caller.statusOfNew()).toBe('CANCELLED')
  expect(causes()).toEqual(['wrong-programme'])
  const [header, first] = await caller.lines({ reportType: FBA_RETURNS })
  expect(header).toMatch(/^return-date\torder-id\tsku/)
  expect(first?.split('\t')).toHaveLength(13)
})

test('FATAL comes with a document that tells why, or without one', async () => {
  const caller = await play('fatal-with-document')
  expect((await caller.lines()).join()).toContain('ShowSalesChannel')
  const { body } = await caller.create()
  expect((await caller.get(body.reportId)).body).toMatchObject({ processingStatus: 'FATAL' })
  expect((await caller.get(body.reportId)).body.reportDocumentId).toBeUndefined()
  expect(await caller.statusOfNew()).toBe('DONE')
})

test('one report waits 48 hours of a fast clock while others are ready at once', async () => {
  const caller = await play('stuck-in-queue')
  const [de, fr] = caller.marketplaces as [string, string]
  const { body } = await caller.create({ marketplace: de })
  const status = async () => (await caller.get(body.reportId)).body.processingStatus
  expect(await caller.statusOfNew({ marketplace: fr })).toBe('DONE')
  expect(await status()).toBe('IN_QUEUE')
  amazon.simulation.clock.advance(46 * HOUR_MS)
  expect(await status()).toBe('IN_QUEUE')
  amazon.simulation.clock.advance(2 * HOUR_MS)
  expect(await status()).toBe('DONE')
})

test('reports of another program and of schedules come in pages, newest first, by a token that is sent alone', async () => {
  const caller = await play('made-by-others')
  amazon.simulation.clock.set({ speed: 1 })
  amazon.simulation.clock.advance(24 * HOUR_MS)
  const query = 'reportTypes=GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE'
  const page = async (search: string) =>
    (await caller.call('GET', `/reports/2021-06-30/reports?${search}`)).body
  const first = await page(query)
  expect(first.reports).toHaveLength(10)
  const found = [...first.reports]
  for (let token: string | undefined = first.nextToken; token; ) {
    const next = await page(`nextToken=${token}`)
    found.push(...next.reports)
    token = next.nextToken
  }
  expect(found.length).toBeGreaterThanOrEqual(26)
  expect(new Set(found.map((r) => r.reportId)).size).toBe(found.length)
  expect(found.at(-1)?.reportScheduleId ?? found.at(-2)?.reportScheduleId).toBeTruthy()
  expect((await page(`${query}&nextToken=${first.nextToken}`)).errors[0]?.code).toBe('InvalidInput')
  expect(amazon.simulation.calls.some((call) => call.operation === 'createReport')).toBe(false)
})

test('only a report that is IN_QUEUE can be cancelled', async () => {
  const caller = await play('stuck-in-queue')
  const [de, fr] = caller.marketplaces as [string, string]
  const cancel = (id: string) => caller.call('DELETE', `/reports/2021-06-30/reports/${id}`)
  const waiting = (await caller.create({ marketplace: de })).body.reportId
  const done = (await caller.create({ marketplace: fr })).body.reportId
  expect((await cancel(waiting)).status).toBe(200)
  expect((await caller.get(waiting)).body.processingStatus).toBe('CANCELLED')
  expect((await cancel(done)).status).toBe(400)
  expect((await caller.get(done)).body.processingStatus).toBe('DONE')
})

test('a schedule can be made, read, replaced and ended, and makes reports as its moments come', async () => {
  const caller = await play('days-pass')
  amazon.simulation.clock.set({ speed: 1 })
  const schedule = {
    reportType: 'GET_XML_RETURNS_DATA_BY_RETURN_DATE',
    marketplaceIds: [caller.marketplaces[0]],
    period: 'P1D',
  }
  const path = '/reports/2021-06-30/schedules'
  const first = (await caller.call('POST', path, schedule)).body.reportScheduleId
  const second = (await caller.call('POST', path, { ...schedule, period: 'PT12H' })).body.reportScheduleId
  expect((await caller.call('GET', `${path}/${first}`)).status).toBe(404)
  expect((await caller.call('GET', `${path}/${second}`)).body).toMatchObject({ period: 'PT12H' })
  amazon.simulation.clock.advance(24 * HOUR_MS)
  expect([...amazon.simulation.reports.values()].map((r) => r.madeBy)).toEqual(['schedule', 'schedule'])
  expect((await caller.call('DELETE', `${path}/${second}`)).status).toBe(200)
  amazon.simulation.clock.advance(24 * HOUR_MS)
  expect(amazon.simulation.reports.size).toBe(2)
  expect((await caller.call('POST', path, { ...schedule, period: 'PT7M' })).status).toBe(400)
})
