import { fileURLToPath } from 'node:url'
import { clientRateLimits } from '@sp-api-sdk/reports-api-2021-06-30'
import { Ajv, type AnySchema } from 'ajv'
import { createGenerator } from 'ts-json-schema-generator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PUBLISHED_PLANS } from './limits/plans.ts'
import { type Simulator, startSimulator } from './start.ts'
import { type Answered, Caller } from './testing/caller.ts'

const BASE = '/reports/2021-06-30'
const RETURNS = 'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE'
const HOUR_MS = 3_600_000
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/
/** The published models become JSON schemas that allow no property beside their own. */
const GENERATION_MS = 60_000

let amazon: Simulator
let caller: Caller
let ajv: Ajv

beforeAll(async () => {
  const path = fileURLToPath(new URL('testing/published-models.ts', import.meta.url))
  const options = { path, type: '*', skipTypeCheck: true, additionalProperties: false }
  ajv = new Ajv({ allErrors: true }).addSchema(
    createGenerator(options).createSchema('*') as AnySchema,
    'models',
  )
  amazon = await startSimulator({ pace: { queueMs: HOUR_MS, progressMs: HOUR_MS }, quotaFactor: 100 })
  caller = new Caller(amazon)
}, GENERATION_MS)
afterAll(() => amazon.stop())

/** What the published model finds wrong with an answer; nothing when it conforms. */
function faultsOf(model: string, body: unknown): string[] {
  const validate = ajv.getSchema(`models#/definitions/${model}`)
  if (!validate) throw new Error(`The package has no model ${model}`)
  validate(body)
  const told = (validate.errors ?? []).map(
    (e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`,
  )
  const instants = Object.entries(body as object).filter(([name]) => name.endsWith('Time'))
  return [...told, ...instants.filter(([, at]) => !INSTANT.test(at)).map(([name, at]) => `${name} is ${at}`)]
}
const conforms = (model: string, answer: Answered, status: number) =>
  expect([answer.status, faultsOf(model, answer.body)]).toEqual([status, []])

test('createReport, getReport in every state, getReports and getReportDocument conform to the published models', async () => {
  const created = await caller.create()
  conforms('CreateReportResponse', created, 202)
  const { reportId } = created.body
  const states: string[] = []
  for (let state = 0; state < 3; state++) {
    const report = await caller.get(reportId)
    conforms('Report', report, 200)
    states.push(report.body.processingStatus)
    amazon.simulation.clock.advance(HOUR_MS)
  }
  expect(states).toEqual(['IN_QUEUE', 'IN_PROGRESS', 'DONE'])
  amazon.simulation.nextReports.push({ outcome: 'CANCELLED' }, { outcome: 'FATAL' })
  await caller.create()
  await caller.create()
  amazon.simulation.clock.advance(3 * HOUR_MS)
  const list = await caller.call('GET', `${BASE}/reports?reportTypes=${RETURNS}&pageSize=2`)
  conforms('GetReportsResponse', list, 200)
  expect(list.body.nextToken).toBeTruthy()
  expect(list.body.reports.map((report) => report.processingStatus)).toEqual(['FATAL', 'CANCELLED'])
  const { reportDocumentId } = (await caller.get(reportId)).body
  conforms('ReportDocument', await caller.call('GET', `${BASE}/documents/${reportDocumentId}`), 200)
})

test('schedules conform to the published models', async () => {
  const schedule = { reportType: RETURNS, marketplaceIds: [caller.marketplaces[0]], period: 'P1D' }
  const created = await caller.call('POST', `${BASE}/schedules`, schedule)
  conforms('CreateReportScheduleResponse', created, 201)
  conforms('ReportScheduleList', await caller.call('GET', `${BASE}/schedules?reportTypes=${RETURNS}`), 200)
  const one = await caller.call('GET', `${BASE}/schedules/${created.body.reportScheduleId}`)
  conforms('ReportSchedule', one, 200)
  amazon.simulation.clock.advance(24 * HOUR_MS)
  const [made] = [...amazon.simulation.reports.values()].filter((report) => report.madeBy === 'schedule')
  conforms('Report', await caller.get(made?.reportId as string), 200)
})

test('errors of every status conform to the published model', async () => {
  const errorAt = (answer: Answered, status: number) => {
    expect(Object.keys(answer.body)).toEqual(['errors'])
    expect([answer.status, answer.body.errors.flatMap((error) => faultsOf('AmazonError', error))]).toEqual([
      status,
      [],
    ])
  }
  const fault = (kind: 'throttle' | 'failure' | 'denied') =>
    amazon.simulation.faults.push({ operation: 'getReport', kind, left: 1 })
  errorAt(await caller.call('POST', `${BASE}/reports`, { reportType: 'GET_NOTHING' }), 400)
  errorAt(await caller.get('1'), 404)
  errorAt(await caller.call('GET', '/reports/2021-06-30/nothing'), 403)
  for (const [kind, status] of [
    ['throttle', 429],
    ['failure', 500],
    ['denied', 403],
  ] as const) {
    fault(kind)
    errorAt(await caller.get('1'), status)
  }
})

test('what a model forbids is noticed', () => {
  expect(faultsOf('CreateReportResponse', { reportId: '1', sellerId: 'A0' })).toHaveLength(1)
  expect(faultsOf('CreateReportResponse', { reportId: 1 })).toHaveLength(1)
})

test('the usage plans are the published ones', () => {
  const plans: [string, string, string][] = [
    ['createReport', 'post', '/reports'],
    ['getReports', 'get', '/reports'],
    ['getReport', 'get', '/reports/1'],
    ['cancelReport', 'delete', '/reports/1'],
    ['getReportDocument', 'get', '/documents/1'],
    ['createReportSchedule', 'post', '/schedules'],
    ['getReportSchedules', 'get', '/schedules'],
    ['getReportSchedule', 'get', '/schedules/1'],
    ['cancelReportSchedule', 'delete', '/schedules/1'],
  ]
  for (const [operation, method, path] of plans) {
    const published = clientRateLimits.find((l) => l.method === method && l.urlRegex.test(BASE + path))
    expect(PUBLISHED_PLANS[operation], operation).toEqual({ rate: published?.rate, burst: published?.burst })
  }
})
