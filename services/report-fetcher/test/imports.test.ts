import { gzipSync } from 'node:zlib'
import { eventually } from '@backhaul/testing'
import { expect, test } from 'vitest'
import { flatFile, returnOf, XML_COLUMNS, xmlDocument, xmlReturn } from '../fuzz/returns.ts'
import { DE, documentOf, FR, HOUR_MS, reportRow } from './fetcher.ts'
import { ground } from './ground.ts'

/** One whose reports hold nothing until a test gives rows; ready once its first report has ended. */
const imported = async (
  file: string | Uint8Array,
  integration = ground.integration(),
  fields: Record<string, string> = {},
) => {
  const answer = await ground.import(integration, file, { fields })
  expect(answer.status, JSON.stringify(answer.body)).toBe(202)
  return ground.ended(answer.body.reportRunId)
}
const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR_MS).toISOString()

test('D14: an uploaded file gives the rows that the API would give, with counts that add up', async () => {
  const integration = ground.integration()
  const rows = [reportRow(), reportRow()]
  const run = await imported(documentOf(rows), integration)
  expect(run).toMatchObject({ source: 'import', state: 'PUBLISHED', counts: { rowsInDocument: 2, new: 2 } })
  const [row] = await ground.published(integration)
  expect(row).toMatchObject({
    source: 'import',
    reportId: null,
    windowFrom: null,
    windowTo: null,
    channelId: `channel-${DE}`,
  })
  ground.amazon.givenRows.set(DE, rows)
  const [fetched] = await ground.fetchNow(integration)
  expect(fetched?.counts).toMatchObject({ new: 0, changed: 0, unchanged: 2 })
})

test('SC-06, SC-19: an XML file gives the rows that the flat file gives, and each event leads to its line', async () => {
  const integration = ground.integration({ initialReportStartTime: '2026-01-01 00:00:00' })
  const cells = ['Order ID', 'Merchant SKU', 'ASIN', 'Return request date', 'Amazon RMA ID', 'Order quantity']
  const returns = [returnOf(1), returnOf(2)].map((r) => Object.fromEntries(cells.map((c) => [c, r[c] ?? ''])))
  const file = xmlDocument(returns.map((r) => xmlReturn([r], '<buyer_name>Canary</buyer_name>')))
  const run = await imported(file, integration)
  expect(run).toMatchObject({ state: 'PUBLISHED', counts: { rowsInDocument: 2, new: 2 } })
  const again = await imported(documentOf(returns), integration)
  expect(again.counts).toMatchObject({ new: 0, changed: 0, unchanged: 2 })
  const [row] = await ground.published(integration)
  const { body } = await ground.call('GET', `/v1/report-runs/${run.reportRunId}/rows/${row?.rowNumber}`)
  expect(body.line).toContain(row?.orderReference)
  expect(body.line).not.toContain('Canary')
})

test('D14: the same returns through four ways make equal events: flat file and XML, from Amazon and uploaded', async () => {
  const returns = [returnOf(1), returnOf(2)].map((r) =>
    Object.fromEntries(XML_COLUMNS.map((column) => [column, r[column] ?? ''])),
  )
  const start = { initialReportStartTime: '2026-01-01 00:00:00' }
  const fetched = async (text: string) => {
    const document = { bytes: Buffer.from(text), charset: 'UTF-8', gzip: false }
    ground.amazon.givenDocuments.set(DE as string, [document])
    const integration = ground.integration(start)
    await eventually(async () => expect(await ground.published(integration)).toHaveLength(2))
    ground.config.integrations = []
    return ground.published(integration)
  }
  // By another tenant: its orders are known as those of the sellers above.
  const uploaded = async (text: string) => {
    const integration = ground.integration({ ...start, automaticImport: false, tenantId: 'tenant-2' })
    const { body } = await ground.import(integration, text)
    await ground.ended(body.reportRunId, 'tenant-2')
    return ground.published(integration)
  }
  const xml = xmlDocument(returns.map((r) => xmlReturn([r])))
  const flat = flatFile(returns)
  const ways = [await fetched(flat), await fetched(xml), await uploaded(flat), await uploaded(xml)]
  const OWN =
    `integrationId sellerId rowId returnId reportRunId reportId documentSha256 windowFrom windowTo observedAt
    fetchedAt source tenantId`.split(/\s+/)
  const said = (rows: (typeof ways)[number]) =>
    rows
      .map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !OWN.includes(name))))
      .sort((a, b) => Number(a.rowNumber) - Number(b.rowNumber))
  const [first, ...others] = ways.map(said)
  expect(first).toHaveLength(2)
  for (const way of others) expect(way).toEqual(first)
})

test("C8: a file whose orders Amazon's reports tell of another seller or marketplace is refused, and named; its own is taken", async () => {
  const rows = [reportRow(), reportRow()]
  ground.amazon.givenRows.set(DE as string, rows)
  const own = ground.integration({ mapped: [DE, FR] as string[] })
  const other = ground.integration({ automaticImport: false })
  await ground.allEnded(own, 2)
  const file = documentOf([...rows, reportRow()])
  for (const [integration, marketplaceId] of [
    [other, DE],
    [own, FR],
  ] as const) {
    const refused = await ground.import(integration, file, { marketplaceId: marketplaceId as string })
    expect(refused).toMatchObject({
      status: 422,
      body: {
        code: 'DOCUMENT_OF_OTHER_SELLER',
        detail: expect.stringContaining(`seller ${own.sellerId} in Germany have 2 of the file's orders`),
      },
    })
  }
  expect((await imported(file, own)).counts).toMatchObject({ new: 1, unchanged: 2 })
})

test('C9: a file may be gzip, and in windows-1252', async () => {
  const integration = ground.integration()
  await imported(
    gzipSync(Buffer.from(documentOf([reportRow({ 'Item Name': 'Größe' })]), 'latin1')),
    integration,
  )
  expect(await ground.published(integration)).toMatchObject([{ itemName: 'Größe' }])
})

test('I2: uploads of one document at once are read one after the other: each row is published once', async () => {
  const integration = ground.integration()
  const rows = Array.from({ length: 30 }, () => reportRow())
  ground.amazon.givenRows.set(DE, rows)
  const runs = await Promise.all([
    ...Array.from({ length: 4 }, () => imported(documentOf(rows), integration)),
    ground.fetchNow(integration).then(([run]) => run),
  ])
  expect(runs.map((run) => run?.counts?.new ?? 0).reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(30)
  const published = await ground.published(integration)
  expect(published).toHaveLength(30)
  expect(new Set(published.map((r) => r.rowId)).size).toBe(30)
})

test('A4: a file that was made before what is published changes nothing, and says so', async () => {
  const integration = ground.integration()
  const row = reportRow({ 'Return request status': 'Closed' })
  await imported(documentOf([row]), integration, { observedAt: hoursAgo(1) })
  const older = { ...row, 'Return request status': 'Approved' }
  const run = await imported(documentOf([older, reportRow()]), integration, { observedAt: hoursAgo(48) })
  expect(run.counts).toMatchObject({ new: 1, changed: 0, skipped: { older_than_published: 1 } })
  const newest = await imported(documentOf([{ ...row, 'Refunded Amount': '5.00' }]), integration)
  expect(newest.counts).toMatchObject({ changed: 1 })
})

const NOT_RETURNS = 'DOCUMENT_NOT_RETURNS'
test.each([
  ['an empty file', '', 422, NOT_RETURNS, /an empty document/],
  [
    'an FBA report',
    'return-date\torder-id\tsku\tlicense-plate-number\n',
    422,
    NOT_RETURNS,
    /an FBA customer returns report/,
  ],
  ['an orders report', 'amazon-order-id\tpurchase-date\n1\t2', 422, NOT_RETURNS, /an orders report/],
  ['an HTML page', '<!doctype html><html></html>', 422, NOT_RETURNS, /an HTML page/],
  ['a workbook', 'PK\u0003\u0004', 422, NOT_RETURNS, /Excel/],
  ['a header only', documentOf([]), 422, 'DOCUMENT_EMPTY', /no rows/],
  [
    'broken UTF-8',
    Buffer.concat([Buffer.from(documentOf([reportRow()])), Buffer.from([0xff])]),
    422,
    'DOCUMENT_UNREADABLE',
    /utf-8/,
  ],
  [
    'cut gzip',
    gzipSync(documentOf([reportRow()])).subarray(0, -9),
    422,
    'DOCUMENT_UNREADABLE',
    /cut or damaged/,
  ],
] as const)('C8: %s is refused, and the answer says why', async (_, file, status, code, words) => {
  const integration = ground.integration()
  const answer = await ground.import(integration, file)
  expect(answer).toMatchObject({ status, body: { code, detail: expect.stringMatching(words) } })
  expect((await ground.runs(integration.id)).filter((r) => r.source === 'import')).toEqual([])
})

test('C16: one bad row of 100 stops nothing: 99 are published, it is told by number and reason', async () => {
  const rows = Array.from({ length: 100 }, () => reportRow())
  rows[41] = reportRow({ 'Return request date': '31-Feb-2026' })
  const run = await imported(documentOf(rows))
  expect(run).toMatchObject({
    state: 'PUBLISHED',
    counts: { rowsInDocument: 100, new: 99, rejected: { date_unreadable: 1 } },
    rejectedRows: [{ rowNumber: 42, reason: 'date_unreadable' }],
  })
})

test('C16: over 20 % bad rows: the document is quarantined whole, with the reason; the next one goes on', async () => {
  const integration = ground.integration()
  const cut = documentOf(Array.from({ length: 8 }, () => reportRow())).split('\n')
  const short = cut.map((line, n) => (n > 5 ? line.split('\t').slice(0, 20).join('\t') : line))
  const run = await imported(short.join('\n'), integration)
  expect(run).toMatchObject({
    state: 'QUARANTINED',
    error: expect.stringMatching(/3 of 8 rows cannot be read \(row 6 has fewer cells/),
    counts: { new: 0, rejected: { too_few_columns: 3, document_quarantined: 5 } },
  })
  expect(await ground.published(integration)).toEqual([])
  const told = (await ground.announced(integration)).filter((r) => r.reportRunId === run.reportRunId)
  expect(told.at(-1)).toMatchObject({
    state: 'QUARANTINED',
    error: run.error,
  })
  expect(await imported(cut.join('\n'), integration)).toMatchObject({
    state: 'PUBLISHED',
    counts: { new: 8 },
  })
})

test('an import for nobody is refused with the reason', async () => {
  const file = documentOf([reportRow()])
  const integration = ground.integration()
  const unauthorised = ground.integration({ state: 'unauthorised', sellerId: null })
  const refusals = [
    [await ground.import({ id: 'int-x', tenantId: 'tenant-1' }, file), 404, 'NOT_FOUND'],
    [await ground.import({ id: integration.id, tenantId: 'tenant-2' }, file), 404, 'NOT_FOUND'],
    [await ground.import(integration, file, { marketplaceId: FR }), 409, 'MARKETPLACE_NOT_MAPPED'],
    [await ground.import(integration, file, { marketplaceId: 'GERMANY' }), 422, 'MARKETPLACE_UNKNOWN'],
    [await ground.import(unauthorised, file), 409, 'INTEGRATION_NOT_AUTHORISED'],
    [await ground.import(integration, file, { fields: { observedAt: 'yesterday' } }), 422, 'FIELD_INVALID'],
    [
      await ground.import(integration, file, { fields: { observedAt: '2999-01-01T00:00:00Z' } }),
      422,
      'FIELD_INVALID',
    ],
    [await ground.import({ id: integration.id, tenantId: 'unknown' }, file), 401, 'KEY_UNKNOWN'],
  ] as const
  for (const [{ status, body }, wanted, code] of refusals) {
    expect({ status, code: body.code }, body.detail).toEqual({ status: wanted, code })
    expect(body.detail.length).toBeGreaterThan(10)
  }
})

test('fields are asked for by name, and before the file', async () => {
  const { id } = ground.integration()
  const big = new Blob([documentOf(Array.from({ length: 3_000 }, () => reportRow()))])
  const post = (...parts: [string, string | Blob][]) => {
    const body = new FormData()
    for (const [name, value] of parts) body.append(name, value)
    return ground.call('POST', '/v1/imports', { body })
  }
  const ids: [string, string][] = [
    ['integrationId', id],
    ['marketplaceId', DE],
  ]
  expect(await post(...ids)).toMatchObject({ status: 422, body: { detail: expect.stringContaining('file') } })
  expect(await post(['integrationId', id], ['file', big])).toMatchObject({
    status: 422,
    body: { detail: expect.stringContaining('marketplaceId') },
  })
  expect(await post(['file', big], ...ids)).toMatchObject({
    status: 422,
    body: { detail: expect.stringContaining('after the file') },
  })
  expect(await post(...ids, ['document', big])).toMatchObject({
    status: 422,
    body: { code: 'FIELD_MISSING' },
  })
  const wrong = new Blob(['settlement-id\n', 'x\n'.repeat(500_000)])
  expect(await post(...ids, ['file', wrong])).toMatchObject({
    status: 422,
    body: { code: 'DOCUMENT_NOT_RETURNS' },
  })
  expect(await ground.call('POST', '/v1/imports')).toMatchObject({
    status: 415,
    body: { code: 'NOT_MULTIPART' },
  })
})

test('fetching now is refused with the reason where there is nothing to fetch', async () => {
  const unauthorised = ground.integration({ state: 'unauthorised', sellerId: null })
  const unmapped = ground.integration({ mapped: [] })
  expect(await ground.call('POST', `/v1/integrations/${unauthorised.id}/fetches`)).toMatchObject({
    status: 409,
    body: { code: 'INTEGRATION_NOT_AUTHORISED' },
  })
  expect(await ground.call('POST', `/v1/integrations/${unmapped.id}/fetches`)).toMatchObject({
    status: 409,
    body: { code: 'MARKETPLACE_NOT_MAPPED' },
  })
})

test('runs are listed newest first, page by page, by state', async () => {
  const integration = ground.integration()
  for (let n = 0; n < 3; n++) await imported(documentOf([reportRow()]), integration)
  const list = (query: string) =>
    ground.call('GET', `/v1/report-runs?integrationId=${integration.id}&state=PUBLISHED&${query}`)
  const first = await list('limit=2')
  const rest = await list(`limit=2&cursor=${(first.body as unknown as { nextCursor: string }).nextCursor}`)
  expect([...first.body.items, ...rest.body.items].map((r) => r.state)).toEqual(Array(3).fill('PUBLISHED'))
  expect((await ground.call('GET', '/v1/report-runs?cursor=x&limit=2')).status).toBe(422)
  expect((await ground.call('GET', '/v1/report-runs?state=NONE')).status).toBe(422)
})
