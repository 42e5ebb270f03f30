import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start.ts'
import { Caller } from '../testing/caller.ts'

/** What any route may tell. */
type Told = { length: number; buckets: Record<string, { tokens: number }>; code: string } & { at: string }[]

const DE = 'A1PA6795UKMFR9'
let amazon: Simulator
let caller: Caller

beforeEach(async () => {
  amazon = await startSimulator({ pace: { queueMs: 0, progressMs: 0 }, quotaFactor: 100 })
  caller = new Caller(amazon)
})
afterEach(() => amazon.stop())

const control = async (method: string, path: string, body?: object) => {
  const answer = await fetch(`${amazon.url}/_control/${path}`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as Told }
}

test('calls tell operation, seller, time, status and outcome, without secrets, and can be cut by each', async () => {
  await control('POST', 'changes', { faults: [{ operation: 'createReport', kind: 'throttle' }] })
  await caller.create()
  await caller.create()
  await caller.get('1')
  const { body } = await control('GET', 'calls?operation=createReport')
  expect(body).toEqual([
    expect.objectContaining({
      sellerId: 'A0DEMOSELLER00',
      status: 429,
      outcome: 'throttled',
      fault: 'throttle',
    }),
    expect.objectContaining({ sellerId: 'A0DEMOSELLER00', status: 202, outcome: 'answered', fault: null }),
  ])
  expect(Date.parse(body[0]?.at as string)).toBeLessThanOrEqual(Date.now())
  expect((await control('GET', 'calls?outcome=refused')).body).toHaveLength(1)
  expect((await control('GET', 'calls?sellerId=A0NOBODY')).body).toEqual([])
  expect(JSON.stringify((await control('GET', 'calls')).body)).not.toMatch(/Atza|Atzr|oa2-cs/)
  await control('DELETE', 'calls')
  expect((await control('GET', 'calls')).body).toEqual([])
})

test('a change is applied at once, and a wrong one names the key and changes nothing', async () => {
  const wrong = await control('POST', 'changes', { faults: [{ operation: 'createReport', kind: 'thrttle' }] })
  expect([wrong.status, JSON.stringify(wrong.body)]).toEqual([422, expect.stringContaining('/faults/0/kind')])
  expect((await control('POST', 'changes', { revoke: ['A0NOBODY'] })).status).toBe(404)
  expect(amazon.simulation.faults).toEqual([])
  await control('POST', 'changes', { reports: [{ outcome: 'FATAL' }], cancel: { repeat: '1h' } })
  expect(await caller.statusOfNew()).toBe('FATAL')
  expect(amazon.simulation.rules.repeatMs).toBe(3_600_000)
})

test('held reports go on when they are released', async () => {
  await control('POST', 'changes', { reports: [{ hold: true }] })
  const { body } = await caller.create()
  const status = async () => (await caller.get(body.reportId)).body.processingStatus
  expect(await status()).toBe('IN_QUEUE')
  await control('POST', 'changes', { release: true })
  expect(await status()).toBe('DONE')
})

test('days of the story pass until real time; a time of its own can be set, sped up and moved', async () => {
  expect((await control('POST', 'clock', { days: 3 })).body).toMatchObject({ daysLeft: 11, speed: 1 })
  const beyond = await control('POST', 'clock', { days: 12 })
  expect([beyond.status, beyond.body.code]).toEqual([409, 'PAST_REAL_TIME'])
  const set = await control('POST', 'clock', { now: '2026-03-01T00:00:00Z', speed: 60, advance: '48h' })
  expect(set.body).toMatchObject({ speed: 60, amazonNow: expect.stringMatching(/^2026-03-03T00:0/) })
  expect((await control('POST', 'clock', { days: -1 })).status).toBe(422)
})

test('rows and whole documents can be given, own returns left out, columns added, tokens ended', async () => {
  await control('POST', 'changes', { ownReturns: false, extraColumns: { 'Buyer name': 'canary' } })
  expect(await caller.statusOfNew()).toBe('CANCELLED')
  const day = amazon.simulation.clock.now() - 86_400_000
  const [, dayOf, month, year] = new Date(day).toUTCString().split(' ')
  const row = { 'Order ID': '303-1234567-1234567', 'Return request date': `${dayOf}-${month}-${year}` }
  await control('PUT', 'returns', { marketplaceId: DE, rows: [row] })
  const [header, line] = await caller.lines()
  expect([header, line]).toEqual([
    expect.stringMatching(/Buyer name$/),
    expect.stringMatching(/^303-.*canary$/),
  ])
  const base64 = Buffer.from('whole').toString('base64')
  await control('POST', 'documents', { marketplaceId: DE, base64, charset: null, declaredGzip: true })
  const { bytes, compressionAlgorithm } = await caller.download()
  expect([bytes.toString(), compressionAlgorithm]).toEqual(['whole', 'GZIP'])
  await control('POST', 'changes', { expire: { tokens: true } })
  expect((await caller.create()).body.errors[0]?.details).toContain('expired')
})

test('what is there can be seen: sellers, orders, returns, reports with their cause, buckets', async () => {
  await caller.create()
  expect((await control('GET', 'sellers')).body).toMatchObject([
    { sellerId: 'A0DEMOSELLER00', revoked: false },
  ])
  expect((await control('GET', 'orders')).body.length).toBeGreaterThan(200)
  expect((await control('GET', 'orders?sellerId=A0NOBODY')).status).toBe(404)
  expect((await control('GET', 'returns?marketplace=DE')).body.length).toBeGreaterThan(20)
  expect((await control('GET', 'reports')).body).toMatchObject([{ processingStatus: 'DONE', cause: null }])
  expect((await control('GET', 'limits')).body.buckets['seller A0DEMOSELLER00 createReport']?.tokens).toBe(
    1_499,
  )
})

test('reset brings back the beginning, of the scenario too; reports stay', async () => {
  await caller.create()
  await control('POST', 'changes', {
    ownReturns: false,
    limits: { plans: [{ operation: 'createReport', rate: 1, burst: 1 }] },
  })
  await control('POST', 'reset')
  expect(amazon.simulation).toMatchObject({ worldReturns: true, calls: [] })
  expect(amazon.simulation.limits.rules).toEqual([])
  expect(amazon.simulation.reports.size).toBe(1)
})

test('everything under /_control is described at /openapi.json', async () => {
  const { paths } = (await (await fetch(`${amazon.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { summary?: string }>>
  }
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods))
  expect(Object.keys(paths)).toContain('/_control/changes')
  expect(operations.length).toBe(13)
  for (const { summary } of operations) expect(summary).toBeTruthy()
})
