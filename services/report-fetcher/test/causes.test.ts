import { amazonDay } from '@backhaul/amazon-simulator'
import type { ReportRequest } from '@backhaul/sp-api'
import { eventually } from '@backhaul/testing'
import { expect, test } from 'vitest'
import type { Integration } from '../src/adapters/settings.ts'
import { DAY_MS, DE, documentOf, FR, HOUR_MS, JP, reportRow, US } from './fetcher.ts'
import { ground } from './ground.ts'

const RETURNS = 'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE'

const give = (...rows: Record<string, string>[]) => ground.amazon.givenRows.set(DE as string, rows)
const callsOf = (operation: string, { sellerId }: Pick<Integration, 'sellerId'>) =>
  ground.amazon.calls.filter((c) => c.operation === operation && c.sellerId === sellerId)
const daysAgo = (days: number) =>
  `${new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10)} 00:00:00`
const scheduleOf = (sellerId: string) =>
  ground.amazon.reportBook.addSchedule({
    ...{ sellerId, reportType: RETURNS, marketplaceIds: [DE as string], period: 'PT2H' },
    nextAt: Date.now(),
  })
const change = (integration: Integration, given: Partial<Integration>) => {
  ground.config.integrations = ground.config.integrations.map((i) =>
    i.id === integration.id ? { ...i, ...given } : i,
  )
}
const dayTold = async (integration: Integration, ago: number) => {
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  const [from, to] = [day(Date.now() - ago * DAY_MS), day(Date.now() - (ago - 1) * DAY_MS)]
  const query = `integrationId=${integration.id}&from=${from}&to=${to}`
  const { body } = await ground.call('GET', `/v1/completeness?${query}`)
  return body.items[0]
}

test('SC-20: a report that a schedule made is read, and none is asked for', async () => {
  give(reportRow())
  scheduleOf('SELLER-71')
  const integration = ground.integration({ sellerId: 'SELLER-71', initialReportStartTime: daysAgo(20) })
  expect(await ground.allEnded(integration, 1)).toMatchObject([{ state: 'PUBLISHED', counts: { new: 1 } }])
  expect(callsOf('createReport', integration)).toEqual([])
})

test('C3: collided with a schedule: the report of the schedule is read in its place, and the next cycle reads the rest', async () => {
  give(reportRow(), reportRow({ 'Return request date': amazonDay(Date.now() - 45 * DAY_MS) }))
  ground.amazon.rules.collisionMs = 10 * 60_000
  scheduleOf('SELLER-72')
  const integration = ground.integration({ sellerId: 'SELLER-72' })
  const [run] = await ground.allEnded(integration, 1)
  expect(run).toMatchObject({ state: 'PUBLISHED', cancelledClass: 'collided', counts: { new: 1 } })
  expect(callsOf('createReport', integration)).toHaveLength(1)
  expect(await dayTold(integration, 45)).toMatchObject({ status: 'hole' })
  ground.amazon.rules.collisionMs = 0
  await ground.fetchNow(integration)
  expect(await ground.published(integration)).toHaveLength(2)
  expect(await dayTold(integration, 45)).toMatchObject({ status: 'read', rows: 1 })
})

test('C3: throttled: the same days asked for again too soon prove nothing, and the next cycle asks again', async () => {
  give(reportRow())
  // Both in one minute, and so with the same window.
  ground.clock.aheadMs = -(Date.now() % 60_000)
  const integration = ground.integration()
  await ground.allEnded(integration, 1)
  ground.amazon.rules.repeatMs = 30 * 60_000
  const [refused] = await ground.fetchNow(integration)
  expect(refused).toMatchObject({
    ...{ state: 'CANCELLED', cancelledClass: 'throttled' },
    error: expect.stringContaining('the next cycle asks again'),
  })
  ground.amazon.rules.repeatMs = 0
  expect(await ground.fetchNow(integration)).toMatchObject([{ state: 'PUBLISHED' }])
})

test('C3: wrong programme: a seller of FBA alone is told so in the third cycle, and its days count as read, with the reason', async () => {
  const integration = ground.integration({ sellerId: 'FBA-ONLY' })
  const classes = [(await ground.allEnded(integration, 1))[0]?.cancelledClass]
  for (let cycle = 2; cycle <= 3; cycle++)
    classes.push((await ground.fetchNow(integration))[0]?.cancelledClass)
  expect(classes).toEqual(['no_returns', 'no_returns', 'wrong_programme'])
  const [last] = await ground.runs(integration.id)
  expect(last?.error).toContain('FBA alone')
  expect(await dayTold(integration, 10)).toMatchObject({ status: 'read', rows: 0, reason: last?.error })
  expect(
    new Set(callsOf('createReport', integration).map((c) => (c.body as ReportRequest).reportType)),
  ).toEqual(new Set([RETURNS]))
})

test('C3: unknown: 60 days cannot be asked for wider: a hole, until a second cycle is cancelled too', async () => {
  const integration = ground.integration({ initialReportStartTime: daysAgo(100) })
  const first = await ground.allEnded(integration, 2)
  expect(first.map((r) => r.cancelledClass).sort()).toEqual(['no_returns', 'unknown'])
  expect(await dayTold(integration, 10)).toMatchObject({
    status: 'hole',
    reason: expect.stringContaining('the next cycle asks again to tell which'),
  })
  expect(await ground.fetchNow(integration)).toMatchObject([{ cancelledClass: 'no_returns', error: null }])
  expect(await dayTold(integration, 10)).toMatchObject({
    status: 'read',
    reason: expect.stringContaining('no returns'),
  })
})

test('C5: a report stuck in the queue is told of once, holds up nobody, outlives a restart, and is cancelled and asked for anew', async () => {
  ground.clock.aheadMs = -5 * DAY_MS
  for (const id of [DE, FR]) ground.amazon.givenRows.set(id as string, [reportRow()])
  ground.amazon.nextReports.push({ sellerId: 'SELLER-73', marketplaceId: DE, hold: true, left: 1 })
  const integration = ground.integration({ sellerId: 'SELLER-73', mapped: [DE, FR] as string[] })
  const of = async (marketplaceId: unknown) =>
    (await ground.runs(integration.id)).filter((r) => r.marketplaceId === marketplaceId)
  const askedOf = (id: unknown) =>
    callsOf('createReport', integration).filter((c) => (c.body as ReportRequest).marketplaceIds[0] === id)
  await eventually(async () => expect(await of(DE)).toMatchObject([{ state: 'IN_PROGRESS' }]))
  ground.clock.aheadMs += 2 * HOUR_MS
  await eventually(async () => {
    expect(await of(DE)).toMatchObject([{ error: expect.stringContaining('IN_QUEUE for 2 hours') }])
    expect(await of(FR)).toMatchObject([{ state: 'PUBLISHED' }, { state: 'PUBLISHED' }])
  })
  await ground.stop()
  await ground.start()
  ground.clock.aheadMs += HOUR_MS
  await eventually(async () =>
    expect(await of(DE)).toMatchObject([{ error: expect.stringContaining('IN_QUEUE for 3 hours') }]),
  )
  const [stuck] = await of(DE)
  const told = ground.logs.filter(
    (line) => line.includes('stuck') && line.includes(String(stuck?.reportRunId)),
  )
  expect(told).toHaveLength(1)
  expect(askedOf(DE)).toHaveLength(1)
  ground.clock.aheadMs += 3 * HOUR_MS
  await eventually(async () =>
    expect(await of(DE)).toMatchObject([
      { state: 'PUBLISHED', cancelledClass: null },
      { state: 'CANCELLED', cancelledClass: 'stuck' },
    ]),
  )
  expect(callsOf('cancelReport', integration)).toHaveLength(1)
  expect(askedOf(DE)).toHaveLength(2)
})

test('C5: a report that is in progress is never cancelled; after four days it is given up', async () => {
  ground.clock.aheadMs = -10 * DAY_MS
  give(reportRow())
  ground.amazon.nextReports.push({ sellerId: 'SELLER-74', progressMs: 30 * DAY_MS, left: 1 })
  const integration = ground.integration({ sellerId: 'SELLER-74' })
  const run = async () => (await ground.runs(integration.id)).at(-1)
  await eventually(async () => expect((await run())?.state).toBe('IN_PROGRESS'))
  ground.clock.aheadMs += 7 * HOUR_MS
  await eventually(async () => expect((await run())?.error).toContain('IN_PROGRESS for 7 hours'))
  ground.clock.aheadMs += 90 * HOUR_MS
  await eventually(async () =>
    expect(await run()).toMatchObject({ state: 'FATAL', error: expect.stringContaining('96 hours') }),
  )
  expect(callsOf('cancelReport', integration)).toEqual([])
})

test('C4: an option error is shown, and asked again only once the integration was changed', async () => {
  give(reportRow())
  ground.clock.aheadMs = -3 * DAY_MS
  const errorDocument =
    '{"errorDetails":"Error in report options: the value of ShowSalesChannel is not valid"}'
  ground.amazon.nextReports.push({ sellerId: 'SELLER-75', outcome: 'FATAL', errorDocument })
  const integration = ground.integration({ sellerId: 'SELLER-75' })
  expect(await ground.allEnded(integration, 1)).toMatchObject([
    { state: 'FATAL', error: expect.stringContaining('the value of ShowSalesChannel is not valid') },
  ])
  ground.clock.aheadMs += DAY_MS
  // Planned after it, were it due.
  await ground.allEnded(ground.integration(), 1)
  expect(await ground.runs(integration.id)).toHaveLength(1)
  change(integration, { version: integration.version + 1 })
  expect((await ground.allEnded(integration, 2)).map((r) => r.state)).toContain('PUBLISHED')
})

test('C1: what Amazon changes of a return on day 1, 20, 45 and 59 is one event each, in the next cycle', async () => {
  const asked = Date.now() - 60 * DAY_MS
  const row = reportRow({ 'Return request date': amazonDay(asked) })
  give(row)
  ground.clock.aheadMs = -60 * DAY_MS + HOUR_MS
  const integration = ground.integration({ initialReportStartTime: daysAgo(80) })
  await ground.allEnded(integration, 1)
  for (const [n, day] of [1, 20, 45, 59].entries()) {
    give({ ...row, 'Tracking ID': `TRK${day}` })
    ground.clock.aheadMs = (day - 60) * DAY_MS + HOUR_MS
    const runs = await eventually(async () => {
      const found = await ground.runs(integration.id)
      expect(found.filter((r) => r.counts?.changed === 1)).toHaveLength(n + 1)
      return found
    })
    expect(runs[0]?.counts).toMatchObject({ rowsInDocument: 1, changed: 1 })
  }
  expect((await ground.published(integration)).map((r) => r.trackingId)).toEqual([
    ...[null, 'TRK1', 'TRK20'],
    ...['TRK45', 'TRK59'],
  ])
})

test('C21: of 50 accounts one is revoked: 49 are read on time, and the one says why it waits', async () => {
  give(reportRow())
  const integrations = Array.from({ length: 50 }, (_, n) =>
    ground.integration({ sellerId: `SELLER-${n + 11}` }),
  )
  const revoked = integrations[20] as Integration
  ground.config.unauthorised.add(revoked.id)
  await eventually(async () => {
    for (const integration of integrations.filter((i) => i !== revoked))
      expect(await ground.runs(integration.id)).toMatchObject([{ state: 'PUBLISHED' }])
  })
  expect((await ground.runs(revoked.id))[0]).toMatchObject({
    state: 'PLANNED',
    error: expect.stringContaining('is not authorised'),
  })
  ground.config.unauthorised.clear()
}, 120_000)

test('SC-13, SC-16, OD-12: with automatic import off nothing is read by itself; fetching now and uploads work', async () => {
  give(reportRow())
  const integration = ground.integration({ automaticImport: false })
  // Planned after it, were it due.
  await ground.allEnded(ground.integration(), 1)
  expect(await ground.runs(integration.id)).toEqual([])
  expect(await dayTold(integration, 10)).toMatchObject({
    status: 'hole',
    reason: expect.stringContaining('Automatic import is off'),
  })
  expect(await ground.fetchNow(integration)).toMatchObject([{ state: 'PUBLISHED', counts: { new: 1 } }])
  const { body } = await ground.import(integration, documentOf([reportRow()]))
  expect(await ground.ended(body.reportRunId)).toMatchObject({ state: 'PUBLISHED', counts: { new: 1 } })
  change(integration, { automaticImport: true })
  ground.clock.aheadMs += 3 * HOUR_MS
  // In the future, in which no report of Amazon's can end.
  await eventually(async () => expect(await ground.runs(integration.id)).toHaveLength(3))
})

test('RC-25, D14: accounts of three regions are read side by side', async () => {
  for (const id of [DE, US, JP]) ground.amazon.givenRows.set(id as string, [reportRow()])
  const integrations = [
    ground.integration(),
    ground.integration({ sellerId: 'OF-AMERICA', region: 'na', mainMarketplace: 'US', mapped: [US] }),
    ground.integration({ sellerId: 'OF-JAPAN', region: 'fe', mainMarketplace: 'JP', mapped: [JP] }),
  ]
  for (const integration of integrations) {
    await ground.allEnded(integration, 1)
    expect(await ground.published(integration)).toMatchObject([{ sellerId: integration.sellerId }])
  }
})
