import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  DE,
  FR,
  GB,
  OTHER_KEY,
  SERVICE_KEY,
  type SettingsUnderTest,
  settingsUnderTest,
} from './settings-under-test.ts'

const US = 'ATVPDKIKX0DER'
let settings: SettingsUnderTest
beforeAll(async () => {
  settings = await settingsUnderTest()
})
afterAll(() => settings.close())

const mappingOf = async (id: string) =>
  (await settings.call('GET', `/v1/integrations/${id}/marketplace-mapping`)).body.mappings
const mapReasons = (
  id: string,
  mappings: readonly { amazonReason: string; returnReasonId: string | null }[],
) => settings.call('PUT', `/v1/integrations/${id}/reason-mapping`, { body: { mappings } })

test('RC-38, RC-43: marketplaces of one integration are mapped to channels of their own', async () => {
  const [id, german, french] = [
    await settings.integration(),
    await settings.channel(),
    await settings.channel(),
  ]
  const mappings = [
    { marketplaceId: DE, channelId: german },
    { marketplaceId: FR, channelId: french },
  ]
  const { status, body } = await settings.map(id, mappings)
  expect([status, body.marketplaces]).toEqual([200, mappings])
  expect(await mappingOf(id)).toEqual(mappings)
})

test('RC-40: a marketplace that is not named, or is mapped to nothing, is not imported', async () => {
  const [id, channelId] = [await settings.integration(), await settings.channel()]
  expect(await mappingOf(id)).toEqual([])
  await settings.map(id, [
    { marketplaceId: DE, channelId },
    { marketplaceId: FR, channelId: null },
  ])
  expect(await mappingOf(id)).toEqual([{ marketplaceId: DE, channelId }])
})

test('RC-08, RC-42: a mapping to a channel that does not exist is refused and names it', async () => {
  const [id, channelId] = [await settings.integration(), await settings.channel()]
  const before = await settings.map(id, [{ marketplaceId: DE, channelId }])
  const { status, body } = await settings.map(id, [
    { marketplaceId: DE, channelId },
    { marketplaceId: FR, channelId: 'ch_of_nobody' },
  ])
  expect([status, body.code]).toEqual([422, 'CHANNEL_UNKNOWN'])
  expect(body.detail).toContain('ch_of_nobody does not exist: create it first')
  const { body: after } = await settings.call('GET', `/v1/integrations/${id}`)
  expect(after).toEqual(before.body)
})

test('a mapping to a channel or a reason of another tenant, or to a deleted one, is refused', async () => {
  const id = await settings.integration()
  const [foreign, deleted] = [await settings.channel('Foreign', OTHER_KEY), await settings.channel()]
  expect((await settings.call('DELETE', `/v1/channels/${deleted}`)).status).toBe(204)
  for (const channelId of [foreign, deleted]) {
    expect((await settings.map(id, [{ marketplaceId: DE, channelId }])).body.code).toBe('CHANNEL_UNKNOWN')
  }
  const { body } = await settings.call('POST', '/v1/return-reasons', {
    key: OTHER_KEY,
    body: { code: 'foreign', name: 'Foreign' },
  })
  const { status, body: refused } = await mapReasons(id, [
    { amazonReason: 'DEFECTIVE', returnReasonId: body.id },
  ])
  expect([status, refused.code]).toEqual([422, 'RETURN_REASON_UNKNOWN'])
})

test.each([
  ['a marketplace of another region', [US], 'MARKETPLACE_OTHER_REGION', 'United States'],
  ['what is no marketplace', ['NOWHERE'], 'MARKETPLACE_UNKNOWN', 'NOWHERE'],
  ['a marketplace that is named twice', [DE, DE], 'MAPPING_REPEATED', DE],
])('%s is refused by name', async (_, marketplaceIds, code, named) => {
  const [id, channelId] = [await settings.integration(), await settings.channel()]
  const { status, body } = await settings.map(
    id,
    marketplaceIds.map((marketplaceId) => ({ marketplaceId, channelId })),
  )
  expect([status, body.code]).toEqual([422, code])
  expect(body.detail).toContain(named)
})

test("RC-37, RC-39: the account's marketplaces are those that Amazon tells, and the dropdown shows a new channel at once", async () => {
  const id = await settings.integration()
  await settings.authorise(id)
  const names = async () =>
    (await settings.call('GET', '/v1/channels')).body.map((c: { name: string }) => c.name)
  expect(await names()).not.toContain('Brand new')
  const channelId = await settings.channel('Brand new')
  expect(await names()).toContain('Brand new')

  await settings.map(id, [{ marketplaceId: DE, channelId }])
  const { status, body } = await settings.call('GET', `/v1/integrations/${id}/marketplaces`)
  expect([status, body]).toEqual([
    200,
    [
      { marketplaceId: DE, country: 'DE', name: 'Germany', channelId },
      { marketplaceId: FR, country: 'FR', name: 'France', channelId: null },
      { marketplaceId: GB, country: 'GB', name: 'United Kingdom', channelId: null },
    ],
  ])
})

test('RC-42: a channel that is mapped is not deleted; the refusal names channel and integration', async () => {
  const channelId = await settings.channel('Shop of Germany')
  const id = await settings.integration({ name: 'Amazon of Germany' })
  await settings.map(id, [{ marketplaceId: DE, channelId }])
  const refused = await settings.call('DELETE', `/v1/channels/${channelId}`)
  expect([refused.status, refused.body.code]).toEqual([409, 'CHANNEL_IN_USE'])
  expect(refused.body.detail).toContain('Shop of Germany is mapped in Amazon of Germany')

  await settings.map(id, [])
  expect((await settings.call('DELETE', `/v1/channels/${channelId}`)).status).toBe(204)
  expect((await settings.call('DELETE', `/v1/channels/${channelId}`)).status).toBe(404)
})

test('a deleted channel is in no list, keeps being told by its id, and leaves its name free', async () => {
  const channelId = await settings.channel('Given up')
  await settings.call('DELETE', `/v1/channels/${channelId}`)
  const { body: list } = await settings.call('GET', '/v1/channels')
  expect(list.map((c: { id: string }) => c.id)).not.toContain(channelId)
  const { body } = await settings.call('GET', `/v1/channels/${channelId}`)
  expect(body).toMatchObject({ id: channelId, name: 'Given up', deletedAt: expect.any(String) })
  expect(await settings.channel('Given up')).not.toBe(channelId)
})

test('RC-11: services learn the name of any channel of a tenant, and of none of another tenant', async () => {
  const channelId = await settings.channel('Named in messages')
  const ask = (tenantId: string) =>
    settings.call('GET', `/v1/internal/tenants/${tenantId}/channels/${channelId}`, { key: SERVICE_KEY })
  expect((await ask('tenant-1')).body).toEqual({ id: channelId, name: 'Named in messages' })
  const foreign = await ask('tenant-2')
  expect([foreign.status, foreign.body.code]).toEqual([404, 'NOT_FOUND'])
  const { body } = await settings.call('GET', '/v1/internal/tenants/tenant-1/channels', { key: SERVICE_KEY })
  expect(body).toContainEqual({ id: channelId, name: 'Named in messages' })
})

test('a name or a code that is taken is refused; another tenant may have it', async () => {
  await settings.channel('Only once')
  const again = await settings.call('POST', '/v1/channels', { body: { name: ' Only once ' } })
  expect([again.status, again.body.code]).toEqual([409, 'NAME_TAKEN'])
  expect(again.body.detail).toContain('Only once exists already')
  await settings.channel('Only once', OTHER_KEY)
  await settings.reason('taken')
  const reason = await settings.call('POST', '/v1/return-reasons', { body: { code: 'taken', name: 'x' } })
  expect([reason.status, reason.body.code]).toEqual([409, 'NAME_TAKEN'])
})

test.each(['', '   ', 'x'.repeat(201), 'with\0NUL', 7])('the channel name %j is refused', async (name) => {
  const { status, body } = await settings.call('POST', '/v1/channels', { body: { name } })
  expect([status, body.errors[0].pointer]).toEqual([422, '/body/name'])
})

test('RC-50, RC-53, RC-55: reasons are mapped in any spelling, at any time, or not at all', async () => {
  const [id, broken, unwanted] = [
    await settings.integration(),
    await settings.reason(),
    await settings.reason(),
  ]
  const path = `/v1/integrations/${id}`
  expect((await settings.call('GET', `${path}/reason-mapping`)).body).toEqual({ mappings: [] })
  await mapReasons(id, [
    { amazonReason: 'CR-DEFECTIVE', returnReasonId: broken },
    { amazonReason: 'Unwanted item', returnReasonId: unwanted },
    { amazonReason: 'SWITCHEROO', returnReasonId: null },
  ])
  const { body: known } = await settings.call('GET', `${path}/amazon-reasons`)
  const mapped = known.filter((r: { returnReasonId: string | null }) => r.returnReasonId !== null)
  expect(mapped).toEqual([
    expect.objectContaining({ code: 'UNWANTED_ITEM', words: 'No longer needed', returnReasonId: unwanted }),
    expect.objectContaining({ code: 'DEFECTIVE', returnReasonId: broken }),
  ])
  const { body: changed } = await mapReasons(id, [{ amazonReason: 'defective', returnReasonId: unwanted }])
  expect(changed.reasons).toEqual([{ amazonReason: 'DEFECTIVE', returnReasonId: unwanted }])
})

test('two spellings of one reason are a reason mapped twice', async () => {
  const [id, returnReasonId] = [await settings.integration(), await settings.reason()]
  const { status, body } = await mapReasons(id, [
    { amazonReason: 'CR-DEFECTIVE', returnReasonId },
    { amazonReason: 'defective', returnReasonId },
  ])
  expect([status, body.code]).toEqual([422, 'MAPPING_REPEATED'])
})

test('RC-50: a return reason that is mapped is not deleted; the refusal names reason and integration', async () => {
  const returnReasonId = await settings.reason('broken')
  const id = await settings.integration({ name: 'Amazon of France' })
  await mapReasons(id, [{ amazonReason: 'DEFECTIVE', returnReasonId }])
  const refused = await settings.call('DELETE', `/v1/return-reasons/${returnReasonId}`)
  expect([refused.status, refused.body.code]).toEqual([409, 'RETURN_REASON_IN_USE'])
  expect(refused.body.detail).toContain('broken is mapped in Amazon of France')

  await mapReasons(id, [])
  expect((await settings.call('DELETE', `/v1/return-reasons/${returnReasonId}`)).status).toBe(204)
  const { body } = await settings.call('GET', `/v1/return-reasons/${returnReasonId}`)
  expect(body).toMatchObject({ code: 'broken', deletedAt: expect.any(String) })
})

test('a channel that is mapped and deleted at once is either mapped or deleted, never both', async () => {
  for (let n = 0; n < 10; n++) {
    const [id, channelId] = [await settings.integration(), await settings.channel()]
    const [mapped, deleted] = await Promise.all([
      settings.map(id, [{ marketplaceId: DE, channelId }]),
      settings.callOther('DELETE', `/v1/channels/${channelId}`),
    ])
    expect([
      [200, 409],
      [422, 204],
    ]).toContainEqual([mapped.status, deleted.status])
  }
})

test('a tenant has at most 1,000 return reasons in use, as lists are answered whole', async () => {
  await settings.postgres.query(
    `INSERT INTO config.return_reasons (id, tenant_id, code, name)
     SELECT 'rr_' || n, 'tenant-3', 'full ' || n, 'Full' FROM generate_series(1, 1000) n`,
  )
  const key = 'full-key-of-tenant-3'
  const third = await settings.start({ BOOTSTRAP_TENANT_ID: 'tenant-3', BOOTSTRAP_API_KEY: key })
  const create = () =>
    settings.call('POST', '/v1/return-reasons', { key, body: { code: 'one-more', name: 'One more' } })
  const { status, body } = await create()
  expect([status, body.code]).toEqual([409, 'LIMIT_REACHED'])
  await settings.call('DELETE', '/v1/return-reasons/rr_1000', { key })
  expect((await create()).status).toBe(201)
  await third.stop()
})
