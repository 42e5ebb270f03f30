import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DE, FR, newIntegration, type SettingsUnderTest, settingsUnderTest } from './settings-under-test.ts'

let settings: SettingsUnderTest
beforeAll(async () => {
  settings = await settingsUnderTest()
})
afterAll(() => settings.close())

const create = (given: object) =>
  settings.call('POST', '/v1/integrations', { body: { ...newIntegration, ...given } })
const pointers = (body: { errors: { pointer: string }[] }) => body.errors.map((e) => e.pointer)

test('RC-16, RC-19: an integration of the type Amazon Selling Partner reads every 2 hours unless told otherwise', async () => {
  const types = await settings.call('GET', '/v1/integration-types')
  expect(types.body).toEqual([{ type: 'amazon-selling-partner', name: 'Amazon Selling Partner' }])

  const created = await create({})
  expect(created.status).toBe(201)
  expect(created.headers.get('etag')).toBe('"1"')
  expect(created.body).toMatchObject({
    ...newIntegration,
    type: 'amazon-selling-partner',
    version: 1,
    intervalHours: 2,
    reminderEmail: null,
    state: 'unauthorised',
    sellerId: null,
    marketplaces: [],
    reasons: [],
    importSettings: {
      statuses: 'all',
      labelTypes: ['AmazonPrePaidLabel'],
      returnlessRefunds: 'import',
      expandKits: true,
    },
  })
  const { body: read } = await settings.call('GET', `/v1/integrations/${created.body.id}`)
  expect(read).toEqual(created.body)
  const { body: list } = await settings.call('GET', '/v1/integrations')
  expect(list).toContainEqual(created.body)
})

test.each([0, -1, 1.5, '2', 169])('RC-18: an interval of %j hours is refused', async (intervalHours) => {
  const { status, body } = await create({ intervalHours })
  expect([status, body.code, pointers(body)]).toEqual([422, 'REQUEST_INVALID', ['/body/intervalHours']])
})

test.each(['2026-03-01T00:00Z', '2026-02-31 00:00:00', '2026-03-01 24:61:00'])(
  'RC-21: the start time %s is refused, with the form that it should have',
  async (initialReportStartTime) => {
    const { status, body } = await create({ initialReportStartTime })
    expect([status, pointers(body)]).toEqual([422, ['/body/initialReportStartTime']])
    expect(body.detail).toContain('YYYY-MM-DD HH:mm:ss')
  },
)

test.each([
  ['DE', 'eu'],
  ['FR', 'eu'],
  ['US', 'na'],
  ['BR', 'na'],
  ['JP', 'fe'],
])('RC-24, RC-25: the main marketplace %s decides the region %s', async (mainMarketplace, region) => {
  expect((await create({ mainMarketplace })).body.region).toBe(region)
})

test('RC-24, RC-26: another main marketplace and what is no e-mail address are refused, all faults at once', async () => {
  const { status, body } = await create({ mainMarketplace: 'XX', reminderEmail: 'nobody' })
  expect([status, pointers(body)]).toEqual([422, ['/body/mainMarketplace', '/body/reminderEmail']])
  expect(body.detail).toContain('DE')
})

test('RC-26: the reminder address is stored with the integration', async () => {
  expect((await create({ reminderEmail: 'returns@example.com' })).body.reminderEmail).toBe(
    'returns@example.com',
  )
})

test('a property that does not exist is refused by its place, also within another', async () => {
  const { status, body } = await create({ intervall: 3, importSettings: { expandkits: true } })
  expect(status).toBe(422)
  expect(body.errors).toEqual([
    { pointer: '/body/importSettings/expandkits', detail: 'is not a known property' },
    { pointer: '/body/intervall', detail: 'is not a known property' },
  ])
})

test('a change of some settings leaves the others as they are, also within importSettings', async () => {
  const labelTypes = ['AmazonPrePaidLabel', 'AmazonUnPaidLabel']
  const id = await settings.integration({ intervalHours: 5, importSettings: { labelTypes } })
  const changed = await settings.call('PATCH', `/v1/integrations/${id}`, {
    body: { name: 'Renamed', importSettings: { statuses: 'approved' } },
  })
  expect(changed.headers.get('etag')).toBe('"2"')
  expect(changed.body).toMatchObject({
    version: 2,
    name: 'Renamed',
    intervalHours: 5,
    importSettings: { statuses: 'approved', labelTypes, returnlessRefunds: 'import', expandKits: true },
  })
})

test('every change makes a new version, and no version ever changes, whatever happens after it', async () => {
  const [channel, reason] = [await settings.channel(), await settings.reason()]
  const id = await settings.integration()
  const path = `/v1/integrations/${id}`
  const versions: string[] = []
  const keep = async () => {
    const { text, status } = await settings.call('GET', `${path}/versions/${versions.length + 1}`)
    expect(status).toBe(200)
    versions.push(text)
  }
  await keep()
  await settings.call('PATCH', path, { body: { intervalHours: 3 } })
  await keep()
  await settings.map(id, [{ marketplaceId: DE, channelId: channel }])
  await keep()
  await settings.call('PUT', `${path}/reason-mapping`, {
    body: { mappings: [{ amazonReason: 'CR-DEFECTIVE', returnReasonId: reason }] },
  })
  await keep()
  // What lies outside of the integration changes too: channels come and go, the seller authorises.
  await settings.channel('Z, made after the versions')
  await settings.map(id, [])
  await settings.call('PUT', `${path}/reason-mapping`, { body: { mappings: [] } })
  expect((await settings.call('DELETE', `/v1/channels/${channel}`)).status).toBe(204)
  expect((await settings.call('DELETE', `/v1/return-reasons/${reason}`)).status).toBe(204)
  await settings.authorise(id)

  for (const [n, before] of versions.entries()) {
    expect((await settings.call('GET', `${path}/versions/${n + 1}`)).text).toBe(before)
  }
  expect(JSON.parse(versions[2] as string)).toMatchObject({
    version: 3,
    intervalHours: 3,
    marketplaces: [{ marketplaceId: DE, channelId: channel }],
    channels: expect.arrayContaining([expect.objectContaining({ id: channel })]),
  })
})

test('SC-13: automatic import is switched off and on; a version from before the switch has it on', async () => {
  const id = await settings.integration()
  const path = `/v1/integrations/${id}`
  const off = await settings.call('PATCH', path, { body: { automaticImport: false } })
  expect(off.body).toMatchObject({ version: 2, automaticImport: false })
  const database = new pg.Client(settings.databaseUrl)
  await database.connect()
  await database.query(
    "UPDATE config.integration_versions SET settings = settings - 'automaticImport' WHERE integration_id = $1 AND version = 1",
    [id],
  )
  await database.end()
  expect((await settings.call('GET', `${path}/versions/1`)).body).toMatchObject({ automaticImport: true })
  expect((await settings.call('GET', path)).body).toMatchObject({ automaticImport: false })
})

test('versions are listed newest first, page by page', async () => {
  const id = await settings.integration()
  for (const intervalHours of [3, 4, 5]) {
    await settings.call('PATCH', `/v1/integrations/${id}`, { body: { intervalHours } })
  }
  const seen: number[][] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const path: string = `/v1/integrations/${id}/versions?limit=3${cursor && `&cursor=${cursor}`}`
    const { body } = await settings.call('GET', path)
    seen.push(body.items.map((v: { version: number }) => v.version))
    cursor = body.nextCursor
  }
  expect(seen).toEqual([[4, 3, 2], [1]])
  for (const query of ['limit=201', 'limit=0', 'cursor=!', 'cursor=bm9uZQ', 'page=2']) {
    expect((await settings.call('GET', `/v1/integrations/${id}/versions?${query}`)).status).toBe(422)
  }
})

test('a change that is based on an older version is refused with 412 and changes nothing', async () => {
  const id = await settings.integration()
  const path = `/v1/integrations/${id}`
  const headers = { 'if-match': '"1"' }
  const patch = () => settings.call('PATCH', path, { body: { intervalHours: 4 }, headers })
  expect((await patch()).body.version).toBe(2)
  const mapReasons = () => settings.call('PUT', `${path}/reason-mapping`, { body: { mappings: [] }, headers })
  for (const late of [patch, mapReasons, () => settings.map(id, [], headers)]) {
    const { status, body } = await late()
    expect([status, body.code]).toEqual([412, 'VERSION_CHANGED'])
    expect(body.detail).toContain('version 2, not 1')
  }
  expect((await settings.call('GET', path)).body.version).toBe(2)
  expect((await settings.map(id, [], { 'if-match': '"2"' })).headers.get('etag')).toBe('"3"')
  expect((await settings.map(id, [], { 'if-match': 'latest' })).status).toBe(422)
})

test('changes that are asked for at once are made one after the other, none is lost', async () => {
  const id = await settings.integration()
  const path = `/v1/integrations/${id}`
  const answers = await Promise.all([
    settings.call('PATCH', path, { body: { intervalHours: 7 } }),
    settings.callOther('PATCH', path, { body: { name: 'At once' } }),
    settings.call('PATCH', path, { body: { reminderEmail: 'returns@example.com' } }),
  ])
  expect(answers.map((a) => a.body.version).sort()).toEqual([2, 3, 4])
  expect((await settings.call('GET', path)).body).toMatchObject({
    version: 4,
    intervalHours: 7,
    name: 'At once',
    reminderEmail: 'returns@example.com',
  })
})

test('RC-25: an authorised integration cannot move to another region, and mapped marketplaces hold it too', async () => {
  const id = await settings.integration()
  const move = () => settings.call('PATCH', `/v1/integrations/${id}`, { body: { mainMarketplace: 'US' } })
  await settings.map(id, [{ marketplaceId: FR, channelId: await settings.channel() }])
  expect((await move()).body.code).toBe('MARKETPLACE_OTHER_REGION')
  await settings.map(id, [])
  await settings.authorise(id)
  const { status, body } = await move()
  expect([status, body.code]).toEqual([409, 'REGION_FIXED'])
})

test('the same creation with the same Idempotency-Key gets the same answer; another one is refused', async () => {
  const once = (path: string, body: object) =>
    settings.call('POST', path, { body, headers: { 'idempotency-key': `key of ${path}` } })
  for (const [path, body, other] of [
    ['/v1/integrations', newIntegration, { ...newIntegration, intervalHours: 9 }],
    ['/v1/channels', { name: 'Made once' }, { name: 'Made twice' }],
    ['/v1/return-reasons', { code: 'once', name: 'Once' }, { code: 'twice', name: 'Once' }],
  ] as const) {
    const [first, again] = await Promise.all([once(path, body), once(path, body)])
    expect([first.status, first.text]).toEqual([201, again.text])
    const { body: list } = await settings.call('GET', path)
    expect(list.filter((e: { id: string }) => e.id === first.body.id)).toHaveLength(1)
    const reused = await once(path, other)
    expect([reused.status, reused.body.code]).toEqual([422, 'KEY_REUSED'])
  }
})

test('a creation that was refused leaves its Idempotency-Key free', async () => {
  const headers = { 'idempotency-key': 'tried twice' }
  await settings.channel('Taken')
  const post = (name: string) => settings.call('POST', '/v1/channels', { body: { name }, headers })
  expect((await post('Taken')).body.code).toBe('NAME_TAKEN')
  expect((await post('Free')).status).toBe(201)
})
