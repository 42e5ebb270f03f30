import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { amazonDay } from '@backhaul/amazon-simulator'
import type { ReportRun } from '@backhaul/domain'
import type { ReportRequest } from '@backhaul/sp-api'
import { eventually } from '@backhaul/testing'
import { expect, test } from 'vitest'
import { DAY_MS, DE, documentOf, FR, reportRow } from './fetcher.ts'
import { ground } from './ground.ts'

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)
const rowOf = (ms: number) => reportRow({ 'Return request date': amazonDay(ms) })

interface BackfillAnswer {
  readonly backfillId: string
  readonly state: string
  readonly slices: number
  readonly slicesDone: number
  readonly rowsInDocuments: number
  readonly finishEstimate: string | null
  readonly items: readonly BackfillAnswer[]
}

const call = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
  const answer = await fetch(`${ground.url()}${path}`, {
    method,
    headers: {
      ...{ authorization: 'Bearer tenant-1', ...headers },
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as BackfillAnswer & { code: string } }
}

test('C15: a year of two marketplaces is read in slices, newest first, from before the start time, across a restart; live cycles go on', async () => {
  const from = Date.now() - 400 * DAY_MS
  const rows = [5, 100, 200, 300, 390].map((days) => rowOf(Date.now() - days * DAY_MS))
  for (const marketplaceId of [DE, FR]) ground.amazon.givenRows.set(marketplaceId as string, rows)
  const integration = ground.integration({ mapped: [DE as string, FR as string] })
  await ground.allEnded(integration, 2)
  const range = { integrationId: integration.id, from: new Date(from).toISOString() }
  const asked = { ...range, to: new Date(Date.now() - 40 * DAY_MS).toISOString() }
  const key = { 'idempotency-key': 'once' }
  const created = await call('POST', '/v1/backfills', asked, key)
  expect(created).toMatchObject({ status: 201, body: { state: 'running', slices: 12, finishEstimate: null } })
  const { backfillId } = created.body
  expect((await call('POST', '/v1/backfills', asked, key)).body.backfillId).toBe(backfillId)
  const other = { ...asked, from: new Date(from + DAY_MS).toISOString() }
  expect(await call('POST', '/v1/backfills', other, key)).toMatchObject({
    status: 422,
    body: { code: 'KEY_REUSED' },
  })
  await eventually(async () =>
    expect((await call('GET', `/v1/backfills/${backfillId}`)).body.slicesDone).toBeGreaterThan(1),
  )
  await ground.stop()
  await ground.start()
  const [live] = await ground.fetchNow(integration)
  expect(live?.state).toBe('PUBLISHED')
  // A slice without returns is asked for twice, as 60 days cannot be asked for wider; the second time comes later.
  await eventually(async () =>
    expect((await call('GET', `/v1/backfills/${backfillId}`)).body.slicesDone).toBe(10),
  )
  ground.clock.aheadMs += 11 * 60_000
  await eventually(async () =>
    expect((await call('GET', `/v1/backfills/${backfillId}`)).body).toMatchObject({
      state: 'done',
      slicesDone: 12,
      finishEstimate: null,
    }),
  )
  const published = await ground.published(integration)
  expect(published).toHaveLength(10)
  expect(new Set(published.map((r) => r.rowId)).size).toBe(10)
  // Slices are asked for newest first; those without returns come once more, later.
  const ends = ground.amazon.calls
    .filter((c) => c.operation === 'createReport' && c.sellerId === integration.sellerId)
    .map((c) => Date.parse((c.body as ReportRequest).dataEndTime))
    .filter((end) => end < Date.now() - 30 * DAY_MS)
  const first = [...new Set(ends)]
  expect(first).toEqual([...first].sort((a, b) => b - a))
  expect(
    (await call('GET', `/v1/backfills?integrationId=${integration.id}&limit=1`)).body.items,
  ).toHaveLength(1)
})

test('C15: a backfill is paused, resumed and cancelled; each command can be sent again; a wrong one says why', async () => {
  const integration = ground.integration()
  await ground.allEnded(integration, 1)
  const held = { marketplaceId: DE as string, hold: true, left: 1 }
  ground.amazon.nextReports.push(held)
  const to = new Date(Date.now() - 70 * DAY_MS).toISOString()
  const from = new Date(Date.now() - 200 * DAY_MS).toISOString()
  const asked = { integrationId: integration.id, marketplaces: ['DE'], from, to }
  const { body } = await call('POST', '/v1/backfills', asked)
  expect(body).toMatchObject({ marketplaces: [DE] })
  const command = (name: string) => call('POST', `/v1/backfills/${body.backfillId}/${name}`)
  expect(await command('pause')).toMatchObject({ status: 200, body: { state: 'paused' } })
  expect(await command('pause')).toMatchObject({ status: 200, body: { state: 'paused' } })
  expect(await command('resume')).toMatchObject({ status: 200, body: { state: 'running' } })
  expect(await command('cancel')).toMatchObject({ status: 200, body: { state: 'cancelled' } })
  expect(await command('cancel')).toMatchObject({ status: 200 })
  expect(await command('resume')).toMatchObject({ status: 409, body: { code: 'BACKFILL_ENDED' } })
  ground.amazon.release()
  for (const from of [to, '1999-01-01T00:00:00Z']) {
    expect(await call('POST', '/v1/backfills', { ...asked, from })).toMatchObject({
      status: 422,
      body: { code: 'RANGE_INVALID' },
    })
  }
  expect(await call('POST', '/v1/backfills', { ...asked, marketplaces: ['FR'] })).toMatchObject({
    status: 409,
    body: { code: 'MARKETPLACE_NOT_MAPPED' },
  })
  expect((await call('GET', '/v1/backfills/none')).status).toBe(404)
})

interface Day {
  readonly day: string
  readonly status: string
  readonly rows: number | null
  readonly reason: string | null
}

test('B2: each day is read with its rows, or a hole with its reason; a window that is deleted from the ledger is a hole', async () => {
  const at = Date.now() - 10 * DAY_MS
  ground.amazon.givenRows.set(DE as string, [rowOf(at), rowOf(at)])
  const integration = ground.integration()
  const [run] = await ground.allEnded(integration, 1)
  const days = async (from: number, to: number): Promise<Day[]> => {
    const query = `integrationId=${integration.id}&from=${dayOf(from)}&to=${dayOf(to)}`
    const answer = await fetch(`${ground.url()}/v1/completeness?${query}`, {
      headers: { authorization: 'Bearer tenant-1' },
    })
    return ((await answer.json()) as { items: Day[] }).items
  }
  const told = await days(Date.now() - 60 * DAY_MS, Date.now() + DAY_MS)
  expect(told).toHaveLength(61)
  expect(told.at(-1)).toMatchObject({ day: dayOf(Date.now()), status: 'under_way' })
  expect(told.find((d) => d.day === dayOf(at))).toMatchObject({ status: 'read', rows: 2, reason: null })
  expect(told[0]).toMatchObject({ status: 'hole', reason: expect.stringContaining('start time') })
  const announced = (await ground.announced(integration)).at(-1)
  expect(announced).toMatchObject({
    rowsByDay: { [dayOf(at)]: 2 },
    provenTo: Date.parse(run?.windowTo ?? ''),
  })
  await ground.postgres.query('DELETE FROM fetcher.report_runs WHERE id = $1', [run?.reportRunId])
  expect(await days(at, at + DAY_MS)).toMatchObject([
    { status: 'hole', rows: null, reason: expect.stringContaining('No report') },
  ])
  expect(
    (await call('GET', `/v1/completeness?integrationId=${integration.id}&from=2026-01-01&to=2025-01-01`))
      .status,
  ).toBe(422)
})

interface DocumentAnswer {
  readonly reportRunId: string
  readonly rows: readonly { readonly outcome: string; readonly rowNumber: number; readonly rowId: string }[]
}

test('D11: from an order or an RMA number to every document in which it stands, its rows, and what changed', async () => {
  const integration = ground.integration()
  const row = reportRow({ 'Amazon RMA ID': '' })
  const other = { ...reportRow({ 'Merchant SKU': 'other' }), 'Order ID': row['Order ID'] as string }
  const imported = async (...given: Record<string, string>[]) => {
    const { body } = await ground.import(integration, documentOf([reportRow(), ...given]))
    return (await ground.ended(body.reportRunId)).reportRunId
  }
  const first = await imported(row, other)
  const unchanged = await imported(other, row)
  await imported()
  const filled = await imported({ ...row, 'Amazon RMA ID': 'DelevenRRMA', 'Tracking ID': 'TRK11' })
  const change = { column: 'trackingId', before: null, after: 'TRK11' }
  const documents = async (query: string) => {
    const { status, body } = await call('GET', `/v1/documents?${query}`)
    expect(status).toBe(200)
    return body as unknown as { items: DocumentAnswer[]; nextCursor: string | null }
  }
  const ofOrder = await documents(`orderReference=${row['Order ID']}`)
  expect(ofOrder.items.map((d) => d.reportRunId)).toEqual([first, unchanged, filled])
  expect(ofOrder.items.map((d) => d.rows.map((r) => [r.rowNumber, r.outcome]))).toEqual([
    [
      [2, 'new'],
      [3, 'new'],
    ],
    [
      [2, 'unchanged'],
      [3, 'unchanged'],
    ],
    [[2, 'changed']],
  ])
  const { items } = await documents('rmaId=DelevenRRMA')
  expect(items).toMatchObject([
    { reportRunId: first, rows: [{ rowNumber: 2, outcome: 'new', amazonRmaId: null, changes: [] }] },
    { reportRunId: unchanged, rows: [{ rowNumber: 3, outcome: 'unchanged', changes: [] }] },
    {
      reportRunId: filled,
      rows: [{ amazonRmaId: 'DelevenRRMA', changes: expect.arrayContaining([change]) }],
    },
  ])
  expect(new Set(items.flatMap((d) => d.rows.map((r) => r.rowId))).size).toBe(1)
  const page = await documents('rmaId=DelevenRRMA&limit=2')
  expect(page.items).toHaveLength(2)
  const rest = await documents(`rmaId=DelevenRRMA&limit=2&cursor=${page.nextCursor}`)
  expect(rest).toMatchObject({ items: [{ reportRunId: filled }], nextCursor: null })
  expect((await call('GET', '/v1/documents')).status).toBe(422)
  const stranger = await fetch(`${ground.url()}/v1/documents?rmaId=DelevenRRMA`, {
    headers: { authorization: 'Bearer tenant-2' },
  })
  expect(await stranger.json()).toMatchObject({ items: [] })
})

/** Records of all runs that have ended, of whatever integration; not of one that was deleted from the ledger. */
async function announcedOfAll(): Promise<ReportRun[]> {
  const { rows } = await ground.postgres.query(
    'SELECT id FROM fetcher.report_runs WHERE ended_at IS NOT NULL',
  )
  const ended = new Set(rows.map((row) => row.id))
  const told: ReportRun[] = []
  for await (const { value } of ground.runsReader.readToEnd('report-runs.v1', 0))
    if (value && ended.has(value.reportRunId)) told.push(value)
  return told
}

test('C14: the topics are written again by `npm run rebuild` while Amazon is unreachable: record by record as they were', async () => {
  const [fetched, adopting] = [ground.integration(), 'SELLER-77']
  const rows = Array.from({ length: 30 }, () => reportRow())
  ground.amazon.givenRows.set(DE as string, rows)
  await ground.allEnded(fetched, 1)
  ground.amazon.givenRows.set(
    DE as string,
    rows.map((row, n) => (n % 3 === 0 ? { ...row, 'Tracking ID': `TRK${n}` } : row)),
  )
  await ground.fetchNow(fetched)
  // A report of a schedule, which reads less than was planned.
  ground.amazon.reportBook.addSchedule({
    ...{ sellerId: adopting, marketplaceIds: [DE as string], period: 'PT2H', nextAt: Date.now() - 3_600_000 },
    reportType: 'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE',
  })
  const start = `${dayOf(Date.now() - 20 * DAY_MS)} 00:00:00`
  const adopted = ground.integration({ sellerId: adopting, initialReportStartTime: start })
  await ground.allEnded(adopted, 1)
  // Of several pieces.
  const long = Array.from({ length: 3_000 }, () => reportRow({ 'Item Name': 'x'.repeat(400) }))
  const { body } = await ground.import(fetched, documentOf(long))
  await ground.ended(body.reportRunId)

  ground.config.integrations = []
  ground.amazon.revoked = true
  const written = async () => ({
    rows: [...(await ground.published(fetched)), ...(await ground.published(adopted))],
    runs: await announcedOfAll(),
  })
  const before = await written()
  const calls = ground.amazon.calls.length
  const command = new URL('../src/rebuild-command.ts', import.meta.url).pathname
  const environment = { ...process.env, FETCHER_URL: ground.url(), API_KEY: 'tenant-1' }
  const { stdout } = await promisify(execFile)(process.execPath, [command, 'topics were lost'], {
    env: environment,
  })
  expect(stdout).toMatch(/done: \d+ runs, \d+ rows/)
  const after = await written()
  const content = (list: readonly object[]) =>
    list.map((r) => JSON.stringify('source' in r ? { ...r, source: null } : r)).sort()
  const again = after.rows.filter((r) => r.source === 'rebuild')
  expect(again).toHaveLength(30 + 10 + 30 + 3_000)
  expect(content(again)).toEqual(content(before.rows))
  expect(before.runs.some((r) => r.state === 'ARCHIVED' && r.position > 0)).toBe(true)
  expect(before.runs.some((r) => r.state === 'CANCELLED')).toBe(true)
  expect(content(after.runs)).toEqual(content([...before.runs, ...before.runs]))
  expect(ground.amazon.calls).toHaveLength(calls)
}, 120_000)

test('C14: `npm run rebuild` without a key, or without a fetcher that answers, says what is missing', async () => {
  const command = new URL('../src/rebuild-command.ts', import.meta.url).pathname
  const run = (environment: Record<string, string>) =>
    promisify(execFile)(process.execPath, [command], { env: { PATH: process.env.PATH, ...environment } })
  await expect(run({})).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^Set API_KEY/) })
  await expect(run({ API_KEY: 'k', FETCHER_URL: 'http://127.0.0.1:1' })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^No report-fetcher answers/),
  })
})
