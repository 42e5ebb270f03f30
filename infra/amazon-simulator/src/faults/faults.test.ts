import { afterEach, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start.ts'
import { Caller, scenarioFile } from '../testing/caller.ts'

let amazon: Simulator
const play = async (name: string) => {
  amazon = await startSimulator({ scenario: scenarioFile(name), quotaFactor: 100 })
  return new Caller(amazon)
}
afterEach(() => amazon.stop())
const failed = () => 'failed' as const

test('four calls whose answer was lost, cut, empty or late have all taken effect, and the log tells so', async () => {
  const caller = await play('answers-lost')
  expect(await caller.create().catch(failed)).toBe('failed')
  expect(await caller.create().catch(failed)).toBe('failed')
  expect((await caller.create()).body.reportId).toBeUndefined()
  const began = performance.now()
  expect((await caller.create()).body.reportId).toBeTruthy()
  expect(performance.now() - began).toBeGreaterThan(250)
  expect(amazon.simulation.reports.size).toBe(4)
  const created = amazon.simulation.calls.filter((call) => call.operation === 'createReport')
  expect(created.map((call) => `${call.fault} ${call.outcome}`)).toEqual([
    'cut-after cut',
    'cut-middle cut',
    'empty faulty',
    'slow answered',
  ])
})

test('the same seed hits the same calls, and the share is about what was asked', async () => {
  const run = async () => {
    const caller = await play('answers-by-chance')
    await caller.logIn()
    for (let n = 0; n < 100; n++) await caller.get('1').catch(failed)
    const faults = amazon.simulation.calls.map((call) => call.fault)
    await amazon.stop()
    return faults
  }
  const first = await run()
  expect(await run()).toEqual(first)
  const hit = first.filter((fault) => fault !== null).length
  expect(hit).toBeGreaterThan(20)
  expect(hit).toBeLessThan(55)
})

test('downloads break in the middle, end too soon, are cut, stall and trickle; then one is whole', async () => {
  const caller = await play('downloads-broken')
  const asked = await caller.newDocument()
  const read = async () => Buffer.from(await (await fetch(asked.url)).arrayBuffer())
  expect(await read().catch(failed)).toBe('failed')
  expect(await read().catch(failed)).toBe('failed')
  const truncated = await read()
  expect(await read().catch(failed)).toBe('failed')
  const trickled = await read()
  const whole = await read()
  expect(trickled.equals(whole)).toBe(true)
  expect(truncated.equals(whole.subarray(0, whole.length / 2))).toBe(true)
  const downloads = amazon.simulation.calls.filter((call) => call.operation === 'download')
  expect(downloads.map((call) => call.fault)).toEqual([
    'reset',
    'short',
    'truncated',
    'stalled',
    'trickle',
    null,
  ])
})

test('an expired address answers 403 with XML, a new one works; addresses end after five minutes', async () => {
  const caller = await play('address-expired')
  const { body } = await caller.create()
  const { reportDocumentId } = (await caller.get(body.reportId)).body
  const address = async () =>
    (await caller.call('GET', `/reports/2021-06-30/documents/${reportDocumentId}`)).body.url
  const expired = await fetch(await address())
  expect([expired.status, await expired.text()]).toEqual([
    403,
    expect.stringContaining('Request has expired'),
  ])
  const url = await address()
  expect((await fetch(url)).status).toBe(200)
  const [, { until } = { until: 0 }] = [...amazon.simulation.addresses].at(-1) ?? []
  expect(until - Date.now()).toBeGreaterThan(290_000)
  amazon.simulation.expire({ addresses: true })
  expect((await fetch(url)).status).toBe(403)
})

test('a document may be said to lie on a foreign host', async () => {
  const caller = await play('address-elsewhere')
  expect((await caller.newDocument()).url).toBe('http://169.254.169.254/latest/meta-data/')
})

test('a fault is for a call that Amazon would have taken: one with an expired token leaves it for the next', async () => {
  amazon = await startSimulator()
  const caller = new Caller(amazon)
  await caller.logIn()
  amazon.simulation.faults.push({ operation: 'createReport', kind: 'throttle', left: 1 })
  amazon.simulation.expire({ tokens: true })
  expect((await caller.create()).status).toBe(403)
  await caller.logIn()
  expect([(await caller.create()).status, (await caller.create()).status]).toEqual([429, 202])
})

test('the token endpoint fails, calls the grant invalid and gives no answer, as planned', async () => {
  amazon = await startSimulator()
  const caller = new Caller(amazon)
  for (const kind of ['failure', 'throttle', 'invalid-grant', 'cut-before'] as const) {
    amazon.simulation.faults.push({ operation: 'token', kind, left: 1 })
  }
  expect((await caller.logIn()).status).toBe(500)
  expect((await caller.logIn()).status).toBe(429)
  expect((await caller.logIn()).body.error).toBe('invalid_grant')
  expect(await caller.logIn().catch(failed)).toBe('failed')
  expect((await caller.logIn()).status).toBe(200)
})
