import { demoSeller, startSimulator } from '@backhaul/amazon-simulator'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  type Download,
  downloadDocument,
  refreshAccessToken,
  SpApi,
  type SpApiError,
  type TokenSource,
} from './index.ts'

let amazon: Awaited<ReturnType<typeof startSimulator>>
let api: SpApi
const de = demoSeller.marketplaces[0]
const returns = 'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE'
const DAY_MS = 86_400_000

beforeAll(async () => {
  amazon = await startSimulator({ pace: { queueMs: 0, progressMs: 0 }, quotaFactor: 100 })
  api = new SpApi({ region: 'eu', amazonUrl: amazon.url, accessToken: token, deadlineMs: 3_000 })
})
afterAll(() => amazon.stop())
beforeEach(() => amazon.simulation.reset())

const freshToken = async () =>
  (await refreshAccessToken({ ...demoSeller, amazonUrl: amazon.url })).accessToken
const token: TokenSource = { get: freshToken, renew: freshToken }
const iso = (ms: number) => new Date(ms).toISOString()
const ask = () =>
  api.createReport({
    reportType: returns,
    marketplaceIds: [de],
    dataStartTime: iso(Date.now() - 60 * DAY_MS),
    dataEndTime: iso(Date.now()),
  })
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'no error',
    (e: SpApiError) => `${e.code}${e.retryable ? ' retryable' : ''}`,
  )
const fail = (kind: 'throttle' | 'failure' | 'html' | 'cut-before' | 'cut-after') =>
  amazon.simulation.faults.push({ operation: 'createReport', kind, left: 1 })

test('a report is asked for, found and downloaded', async () => {
  const reportId = await ask()
  const report = await api.getReport(reportId)
  expect(report).toMatchObject({ processingStatus: 'DONE', marketplaceIds: [de] })
  const document = await api.getReportDocument(report.reportDocumentId as string)
  expect(document.compressionAlgorithm).toBe('GZIP')
  const { charset, bytes } = await downloadDocument(
    document.url,
    async ({ charset, body }) => ({ charset, bytes: Buffer.concat(await Array.fromAsync(body)) }),
    { amazonUrl: amazon.url },
  )
  expect(charset).toBe('Cp1252')
  expect(bytes.toString('latin1')).toMatch(/^Order ID\t/)
  const found = await api.getReports({
    reportTypes: [returns],
    marketplaceIds: [de],
    createdSince: iso(Date.now() - DAY_MS),
  })
  expect(found.map((r) => r.reportId)).toContain(reportId)
})

test.each([
  ['throttle', 'SP_API_THROTTLED retryable'],
  ['failure', 'SP_API_AMAZON_FAILED retryable'],
  ['html', 'SP_API_AMAZON_FAILED retryable'],
  ['cut-before', 'SP_API_NETWORK retryable'],
  ['cut-after', 'SP_API_NETWORK retryable'],
] as const)('a call that ends by %s is %s', async (kind, code) => {
  fail(kind)
  expect(await codeOf(ask())).toBe(code)
})

test('a call whose answer was cut has taken effect, and getReports finds it', async () => {
  const all = () => api.getReports({ reportTypes: [returns], marketplaceIds: [de], createdSince: iso(0) })
  const before = await all()
  fail('cut-after')
  await codeOf(ask())
  expect(await all()).toHaveLength(before.length + 1)
})

test('an expired token, a wrong request and an unknown report are told apart', async () => {
  const stale = async () => 'stale'
  const accessToken = { get: stale, renew: stale }
  amazon.simulation.accessTokens.set('stale', 1)
  const refused = new SpApi({ region: 'eu', amazonUrl: amazon.url, accessToken })
  expect(await codeOf(refused.getReport('1'))).toBe('SP_API_UNAUTHORIZED')
  expect(await codeOf(api.getReport('1'))).toBe('SP_API_NOT_FOUND')
  const wrong = { reportType: returns, marketplaceIds: ['X'], dataStartTime: iso(0), dataEndTime: iso(1) }
  expect(await codeOf(api.createReport(wrong))).toBe('SP_API_INVALID_INPUT')
})

test('cancelReport succeeds although Amazon answers with nothing', async () => {
  amazon.simulation.nextReports.push({ marketplaceId: de, outcome: 'DONE', hold: true })
  const reportId = await ask()
  await api.cancelReport(reportId)
  expect((await api.getReport(reportId)).processingStatus).toBe('CANCELLED')
})

test('a revoked authorisation is LWA_INVALID_GRANT, and wrong credentials are ours', async () => {
  expect(await codeOf(refreshAccessToken({ ...demoSeller, clientSecret: 'x', amazonUrl: amazon.url }))).toBe(
    'LWA_INVALID_CLIENT',
  )
  amazon.simulation.revoked = true
  expect(await codeOf(refreshAccessToken({ ...demoSeller, amazonUrl: amazon.url }))).toBe('LWA_INVALID_GRANT')
})

test('documents are read from Amazon or the given server only', async () => {
  const all = ({ body }: Download) => Array.fromAsync(body)
  expect(await codeOf(downloadDocument('http://169.254.169.254/latest', all))).toBe(
    'DOCUMENT_ADDRESS_REFUSED',
  )
  expect(await codeOf(downloadDocument(`${amazon.url}/documents/x`, all, { amazonUrl: amazon.url }))).toBe(
    'DOCUMENT_ADDRESS_EXPIRED retryable',
  )
})

test('the marketplaces of the account', async () => {
  expect((await api.marketplaceParticipations()).map((p) => p.marketplaceId)).toEqual([
    ...demoSeller.marketplaces,
  ])
})
