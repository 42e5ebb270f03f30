import { amazonDay, demoSeller } from '@backhaul/amazon-simulator'
import type { ReportRequest } from '@backhaul/sp-api'
import { eventually } from '@backhaul/testing'
import { expect, test } from 'vitest'
import { DAY_MS, DE, FR, GB, HOUR_MS, reportRow, sumOf } from './fetcher.ts'
import { ground } from './ground.ts'

const give = (...rows: Record<string, string>[]) => ground.amazon.givenRows.set(DE, rows)
const asked = () =>
  ground.amazon.calls.filter((c) => c.operation === 'createReport').map((c) => c.body as ReportRequest)

test('RC-36, RC-40, RC-44: one report is asked for each mapped marketplace, none without mapping or authorisation', async () => {
  for (const marketplaceId of [DE, FR]) ground.amazon.givenRows.set(marketplaceId as string, [reportRow()])
  ground.integration({ mapped: [] })
  ground.integration({ state: 'unauthorised', sellerId: null })
  ground.integration({ state: 'authorisation_ended' })
  const mapped = ground.integration({ mapped: [DE, FR] })
  await ground.allEnded(mapped, 2)
  expect(
    asked()
      .map((body) => body.marketplaceIds)
      .sort(),
  ).toEqual([[FR], [DE]].sort())
  expect(asked().map((body) => body.reportType)).toEqual(
    Array(2).fill('GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE'),
  )
})

test('RC-02, A8: rows arrive by themselves, with identity and provenance that leads to their line in the archive', async () => {
  const row = reportRow({ 'Amazon RMA ID': 'DaRRMA', 'Tracking ID': 'TRK1' })
  give(row, reportRow({ 'Label type': 'AmazonUnPaidLabel' }))
  const integration = ground.integration()
  const [run] = await ground.allEnded(integration, 1)
  expect(run).toMatchObject({ state: 'PUBLISHED', error: null, counts: { rowsInDocument: 2, new: 2 } })
  const published = await ground.published(integration)
  expect(published).toHaveLength(2)
  const first = published.find((r) => r.amazonRmaId === 'DaRRMA')
  expect(first).toMatchObject({
    ...{
      tenantId: 'tenant-1',
      integrationId: integration.id,
      configVersion: 3,
      sellerId: integration.sellerId,
    },
    ...{
      marketplaceId: DE,
      channelId: `channel-${DE}`,
      orderReference: row['Order ID'],
      merchantSku: '00123',
    },
    ...{ itemName: 'Kaffeemühle, groß', trackingId: 'TRK1', labelType: 'AmazonPrePaidLabel', source: 'api' },
    ...{ reportRunId: run?.reportRunId, documentSha256: run?.documentSha256, flags: [] },
    ...{ windowFrom: Date.parse(run?.windowFrom ?? ''), windowTo: Date.parse(run?.windowTo ?? '') },
    ...{ rowId: expect.stringMatching(/^[0-9a-f]{32}$/), returnId: expect.stringMatching(/^[0-9a-f]{32}$/) },
    reportId: expect.stringMatching(/^\d+$/),
  })
  const line = await ground.call('GET', `/v1/report-runs/${first?.reportRunId}/rows/${first?.rowNumber}`)
  expect(line.body).toMatchObject({
    documentSha256: first?.documentSha256,
    line: expect.stringContaining('DaRRMA'),
  })
  expect((await ground.call('GET', `/v1/report-runs/${first?.reportRunId}/rows/3`)).status).toBe(404)
  const metrics = await (await fetch(`${ground.url()}/metrics`)).text()
  expect(metrics).toMatch(/fetcher_labels_total{[^}]*label="unpaid"[^}]*} 1/)
})

test('A1, RC-47: each read is announced from begin to end; what did not change is no event, one change is one row', async () => {
  const rows = Array.from({ length: 5 }, () => reportRow())
  give(...rows)
  const integration = ground.integration()
  await ground.allEnded(integration, 1)
  give(
    ...[...rows]
      .reverse()
      .map((row) => ({ ...row, 'Invoice number': '  ', 'Item Name': 'Kaffeemühle,  groß ' })),
  )
  const [second] = await ground.fetchNow(integration)
  expect(second?.counts).toMatchObject({ new: 0, changed: 0, unchanged: 5 })
  give(...rows.with(2, { ...(rows[2] as Record<string, string>), 'Return request status': 'Closed' }))
  const [third] = await ground.fetchNow(integration)
  expect(third?.counts).toMatchObject({ new: 0, changed: 1, unchanged: 4 })

  const published = await ground.published(integration)
  expect(published).toHaveLength(6)
  expect(new Set(published.map((r) => r.rowId)).size).toBe(5)
  const announced = await ground.announced(integration)
  expect(announced.map((r) => r.state)).toEqual(Array(3).fill(['PLANNED', 'PUBLISHED']).flat())
  for (const end of announced.filter((r) => r.endedAt !== null)) expect(end.rowsInDocument).toBe(sumOf(end))
})

test('A2: two RMAs of one SKU stay two returns, a repeated line is one, and identities outlive a new Order Item ID column', async () => {
  const one = reportRow({ 'Amazon RMA ID': 'DaRRMA' })
  const other = { ...one, 'Amazon RMA ID': 'DbRRMA' }
  give(one, other, other)
  const integration = ground.integration()
  const [run] = await ground.allEnded(integration, 1)
  expect(run?.counts).toMatchObject({ rowsInDocument: 3, new: 2, skipped: { repeated_line: 1 } })
  const before = await ground.published(integration)
  expect(new Set(before.map((r) => r.returnId)).size).toBe(2)
  expect(before.map((r) => [r.amazonRmaId, r.flags])).toEqual(
    expect.arrayContaining([
      ['DaRRMA', []],
      ['DbRRMA', ['repeated_line']],
    ]),
  )
  ground.amazon.extraColumns = { 'Order Item ID': '00000000000011' }
  const [again] = await ground.fetchNow(integration)
  expect(again?.counts).toMatchObject({ new: 0, changed: 2, skipped: { repeated_line: 1 } })
  const ids = (rows: typeof before) => new Set(rows.map((r) => `${r.rowId} ${r.returnId}`))
  expect(ids((await ground.published(integration)).slice(0))).toEqual(ids(before))
})

test('RC-22, RC-23: the first window starts at the start time; the start day is imported, the day before is skipped and counted', async () => {
  const startDay = new Date(Date.now() - 10 * DAY_MS).toISOString().slice(0, 10)
  const on = (day: number) =>
    reportRow({ 'Return request date': amazonDay(Date.parse(startDay) + day * DAY_MS) })
  give(on(-1), on(0), on(1))
  const integration = ground.integration({ initialReportStartTime: `${startDay} 00:00:00` })
  const [run] = await ground.allEnded(integration, 1)
  expect(run?.counts).toMatchObject({ new: 2, skipped: { before_start_time: 1 } })
  expect(asked()[0]?.dataStartTime).toBe(run?.windowFrom)
  // Midnight of the main marketplace, in Germany.
  const berlin = new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Europe/Berlin',
    dateStyle: 'short',
    timeStyle: 'medium',
  })
  expect(berlin.format(new Date(run?.windowFrom ?? ''))).toBe(`${startDay} 00:00:00`)
})

test('RC-20, RC-31, RC-46: interval 1 gives twice the runs of interval 2, by itself; a missed run is made up at once', async () => {
  give(reportRow())
  ground.clock.aheadMs = -3 * DAY_MS
  const everyHour = ground.integration({ intervalHours: 1 })
  const everyTwo = ground.integration({ intervalHours: 2 })
  await ground.allEnded(everyHour, 1)
  await ground.allEnded(everyTwo, 1)
  for (let hour = 1; hour <= 4; hour++) {
    ground.clock.aheadMs += HOUR_MS
    await ground.allEnded(everyHour, 1 + hour)
    await ground.allEnded(everyTwo, 1 + Math.floor(hour / 2))
  }
  ground.clock.aheadMs += DAY_MS
  await ground.allEnded(everyHour, 6)
  await ground.allEnded(everyTwo, 4)
})

test('C2, C3: a window that Amazon cancels is empty once a wider report is cancelled too, and is not asked for again', async () => {
  give(reportRow())
  const start = new Date(Date.now() - 100 * DAY_MS).toISOString().slice(0, 10)
  const integration = ground.integration({ initialReportStartTime: `${start} 00:00:00` })
  const [past] = (await ground.allEnded(integration, 2)).filter((r) => r.state === 'CANCELLED')
  expect(past).toMatchObject({ cancelledClass: 'no_returns', error: null })
  const [narrow, wide] = asked().filter((body) => body.dataEndTime === past?.windowTo)
  expect(narrow?.dataStartTime).toBe(past?.windowFrom)
  expect(Date.parse(wide?.dataEndTime ?? '') - Date.parse(wide?.dataStartTime ?? '')).toBe(60 * DAY_MS)
  expect(await ground.fetchNow(integration)).toHaveLength(1)
})

test('C3: returns that only the wider report tells of are read, and those before the start are left out', async () => {
  const start = Date.now() - 40 * DAY_MS
  ground.amazon.nextReports.push({ marketplaceId: DE as string, outcome: 'CANCELLED', hold: false })
  give(reportRow(), reportRow({ 'Return request date': amazonDay(start - 5 * DAY_MS) }))
  const integration = ground.integration({
    initialReportStartTime: `${new Date(start).toISOString().slice(0, 10)} 00:00:00`,
  })
  const [run] = await ground.allEnded(integration, 1)
  expect(run).toMatchObject({ state: 'PUBLISHED', counts: { new: 1, skipped: { before_start_time: 1 } } })
})

test('C4: the words of an error document are shown; an option error is asked again only once the settings changed', async () => {
  give(reportRow())
  const fatal = { marketplaceId: DE as string, outcome: 'FATAL', hold: false } as const
  ground.clock.aheadMs = -4 * HOUR_MS
  ground.amazon.nextReports.push(fatal)
  const integration = ground.integration()
  expect(await ground.allEnded(integration, 1)).toMatchObject([
    { state: 'FATAL', error: 'Amazon could not make the report: Internal error while generating the report' },
  ])
  // Failures put the next cycle off: twice the interval.
  ground.clock.aheadMs += 2 * HOUR_MS
  await ground.allEnded(ground.integration({ intervalHours: 24 }), 1)
  expect(await ground.runs(integration.id)).toHaveLength(1)
  ground.clock.aheadMs += 2 * HOUR_MS
  await ground.allEnded(integration, 2)
})

test('C2: a past window whose report fails is asked for again, however far later ones were read', async () => {
  const start = Date.now() - 100 * DAY_MS
  give(reportRow(), reportRow({ 'Return request date': amazonDay(start + 5 * DAY_MS) }))
  ground.amazon.nextReports.push({ marketplaceId: DE, outcome: 'FATAL', hold: false })
  const integration = ground.integration({
    initialReportStartTime: `${new Date(start).toISOString().slice(0, 10)} 00:00:00`,
  })
  const first = await ground.allEnded(integration, 2)
  expect(first.map((r) => r.state).sort()).toEqual(['FATAL', 'PUBLISHED'])
  await ground.fetchNow(integration)
  expect(await ground.published(integration)).toHaveLength(2)
})

test('a throttled createReport is waited out and succeeds, and the run says why it waits', async () => {
  give(reportRow())
  ground.clock.aheadMs = -DAY_MS
  // Of this seller alone: a cycle of another may still be asking.
  const sellerId = 'SELLER-79'
  ground.amazon.faults.push({ operation: 'createReport', kind: 'throttle', left: 1, sellerId })
  const integration = ground.integration({ sellerId })
  await eventually(async () => {
    expect((await ground.runs(integration.id))[0]).toMatchObject({
      state: 'PLANNED',
      error: expect.stringContaining('quota'),
    })
  })
  ground.clock.aheadMs += 2 * 60_000
  const [run] = await ground.allEnded(integration, 1)
  expect(run).toMatchObject({ state: 'PUBLISHED', error: null })
})

test('C6: a report whose answer was lost is found and adopted: createReport is called once', async () => {
  give(reportRow())
  ground.clock.aheadMs = -DAY_MS
  ground.amazon.faults.push({ operation: 'createReport', kind: 'cut-after', left: 1 })
  const integration = ground.integration()
  await eventually(async () => {
    expect((await ground.runs(integration.id))[0]?.error).toContain('connection')
  })
  ground.clock.aheadMs += 60_000
  expect(await ground.allEnded(integration, 1)).toMatchObject([{ state: 'PUBLISHED' }])
  expect(asked()).toHaveLength(1)
  expect(ground.amazon.calls.some((c) => c.operation === 'getReports')).toBe(true)
})

test('C6: a run whose request never reached Amazon asks anew: the report of the run before is not taken for it', async () => {
  give(reportRow())
  // Both in one minute, and so with the same window.
  ground.clock.aheadMs = -(Date.now() % 60_000)
  const integration = ground.integration()
  await ground.allEnded(integration, 1)
  ground.amazon.faults.push({ operation: 'createReport', kind: 'cut-before', left: 1 })
  const { body } = await ground.call('POST', `/v1/integrations/${integration.id}/fetches`)
  await eventually(async () => {
    const waiting = (await ground.runs(integration.id)).find((r) => body.reportRunIds.includes(r.reportRunId))
    expect(waiting?.error).toContain('connection')
  })
  ground.clock.aheadMs += 60_000
  const runs = await ground.allEnded(integration, 2)
  expect(new Set(runs.map((r) => r.windowTo)).size).toBe(1)
  expect(new Set(runs.map((r) => r.reportId)).size).toBe(2)
})

test('D3: a seller whose authorisation ended waits with a reason and leaves others alone; it goes on by itself', async () => {
  give(reportRow())
  ground.clock.aheadMs = -DAY_MS
  const ended = ground.integration()
  ground.config.unauthorised.add(ended.id)
  const other = ground.integration()
  await ground.allEnded(other, 1)
  await eventually(async () => expect((await ground.runs(ended.id))[0]?.error).toContain('is not authorised'))
  expect((await fetch(`${ground.url()}/ready`)).status).toBe(200)
  ground.config.unauthorised.clear()
  ground.clock.aheadMs += 2 * 60_000
  expect(await ground.allEnded(ended, 1)).toMatchObject([{ state: 'PUBLISHED', error: null }])
})

test('tenants never meet: one seller account in two tenants gives each its own rows and returns', async () => {
  give(reportRow())
  const one = ground.integration({ sellerId: 'SHARED' })
  const two = ground.integration({ sellerId: 'SHARED', tenantId: 'tenant-2' })
  await ground.allEnded(one, 1)
  await ground.allEnded(two, 1)
  const [[ofOne], [ofTwo]] = await Promise.all([ground.published(one), ground.published(two)])
  expect(ofOne?.returnId).toBeDefined()
  expect(ofOne?.returnId).not.toBe(ofTwo?.returnId)
  const [run] = await ground.runs(two.id)
  expect(
    (await ground.call('GET', `/v1/report-runs/${run?.reportRunId}`, { tenant: 'tenant-1' })).status,
  ).toBe(404)
})

test('the demo seller: all its returns of three marketplaces arrive, each once', async () => {
  ground.amazon.worldReturns = true
  const integration = ground.integration({ mapped: [DE, FR, GB], sellerId: demoSeller.sellerId })
  const runs = await ground.allEnded(integration, 3)
  const published = await ground.published(integration)
  expect(published).toHaveLength(runs.reduce((sum, run) => sum + (run.counts?.new ?? 0), 0))
  expect(new Set(published.map((r) => r.rowId)).size).toBe(published.length)
  expect(published.length).toBeGreaterThan(80)
})
