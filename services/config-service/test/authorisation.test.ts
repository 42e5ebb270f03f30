import { demoSeller } from '@backhaul/amazon-simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SERVICE_KEY, type SettingsUnderTest, settingsUnderTest } from './settings-under-test.ts'

let settings: SettingsUnderTest
beforeAll(async () => {
  settings = await settingsUnderTest()
})
afterAll(() => settings.close())

const tokenOf = (id: string, refused = false) =>
  settings.call('POST', `/v1/internal/integrations/${id}/access-token`, {
    key: SERVICE_KEY,
    body: { refused },
  })
const tokenCalls = () => settings.amazon.calls.filter((c) => c.operation === 'token').length
const stateOf = async (id: string) => (await settings.call('GET', `/v1/integrations/${id}`)).body.state

test('an authorisation makes the integration active; the refresh token can be read nowhere', async () => {
  const id = await settings.integration()
  expect(await stateOf(id)).toBe('unauthorised')
  const { status, body } = await settings.authorise(id)
  expect([status, body.state, body.sellerId]).toEqual([200, 'active', demoSeller.sellerId])
  const token = await tokenOf(id)
  expect(token.body).toMatchObject({ accessToken: expect.stringContaining('Atza|') })
  expect(Date.parse(token.body.expiresAt)).toBeGreaterThan(Date.now())
  await settings.call('GET', `/v1/integrations/${id}/versions`)
  await settings.call('GET', '/v1/internal/integrations', { key: SERVICE_KEY })

  expect(settings.answers.join('\n')).not.toContain(demoSeller.refreshToken)
  const { rows: tables } = await settings.postgres.query(
    `SELECT table_name FROM information_schema.tables WHERE table_schema = 'config'`,
  )
  for (const { table_name } of tables) {
    // Text of every row, in which bytes are hex.
    const { rows } = await settings.postgres.query(`SELECT t::text AS row FROM config.${table_name} t`)
    const all = rows.map(({ row }) => row).join('\n')
    expect(all).not.toContain(demoSeller.refreshToken)
    expect(all).not.toContain(Buffer.from(demoSeller.refreshToken).toString('hex'))
  }
})

test('a token is asked for once while it lasts, and again when Amazon refused it', async () => {
  const id = await settings.integration()
  await settings.authorise(id)
  const before = tokenCalls()
  const [first, second] = await Promise.all([tokenOf(id), tokenOf(id)])
  expect(second.body).toEqual(first.body)
  expect(tokenCalls() - before).toBe(1)
  expect((await tokenOf(id, true)).body.accessToken).not.toBe(first.body.accessToken)
  expect(tokenCalls() - before).toBe(2)
})

test('without an authorisation there is no token, and no call to Amazon', async () => {
  const id = await settings.integration()
  const before = settings.amazon.calls.length
  for (const answer of [
    await tokenOf(id),
    await settings.call('GET', `/v1/integrations/${id}/marketplaces`),
  ]) {
    expect([answer.status, answer.body.code]).toEqual([409, 'NOT_AUTHORISED'])
    expect(answer.body.detail).toContain('authorise it at Amazon')
  }
  expect(settings.amazon.calls.length).toBe(before)
  expect((await tokenOf('int_of_nobody')).status).toBe(404)
})

test('invalid_grant: the state tells that the authorisation has ended, and a new one mends it', async () => {
  const id = await settings.integration()
  await settings.authorise(id, 'Atzr|one that was revoked')
  for (const answer of [
    await tokenOf(id),
    await settings.call('GET', `/v1/integrations/${id}/marketplaces`),
  ]) {
    expect([answer.status, answer.body.code]).toEqual([409, 'NOT_AUTHORISED'])
  }
  expect(await stateOf(id)).toBe('authorisation_ended')
  expect((await settings.authorise(id)).body).toMatchObject({ state: 'active', version: 1 })
  expect((await tokenOf(id)).status).toBe(200)
})

test('a token of the authorisation before is given by no instance once there is a new one', async () => {
  const id = await settings.integration()
  await settings.authorise(id)
  const before = (await tokenOf(id)).body.accessToken
  await settings.callOther('PUT', `/v1/integrations/${id}/authorisation`, {
    body: { sellerId: demoSeller.sellerId, refreshToken: demoSeller.refreshToken },
  })
  expect((await tokenOf(id)).body.accessToken).not.toBe(before)
})

test('an integration stays with its seller: the history of two is never mixed', async () => {
  const id = await settings.integration()
  await settings.authorise(id)
  const { status, body } = await settings.call('PUT', `/v1/integrations/${id}/authorisation`, {
    body: { sellerId: 'A0ANOTHER', refreshToken: 'Atzr|another' },
  })
  expect([status, body.code]).toEqual([409, 'SELLER_FIXED'])
  expect((await tokenOf(id)).status).toBe(200)
})

test('Amazon down or throttled: 503 that says so, and the state stays as it was', async () => {
  const id = await settings.integration()
  const { refreshToken } = demoSeller
  const body = { sellerId: 'A0OFTHISTEST', refreshToken } // quotas are counted by seller
  await settings.call('PUT', `/v1/integrations/${id}/authorisation`, { body })
  settings.amazon.faults.push({ operation: 'getMarketplaceParticipations', kind: 'throttle', left: 1 })
  const marketplaces = () => settings.call('GET', `/v1/integrations/${id}/marketplaces`)
  const throttled = await marketplaces()
  expect([throttled.status, throttled.body.code]).toEqual([503, 'SP_API_THROTTLED'])
  expect(throttled.headers.get('retry-after')).toBe('5')
  // Amazon's 429 is remembered: it is not asked again until the quota has a call.
  const spared = await marketplaces()
  expect([spared.status, spared.body.code]).toEqual([503, 'SP_API_BUDGET_SPENT'])
  expect(await stateOf(id)).toBe('active')
})

test('a token that Amazon calls expired is renewed at once, and not used a second time', async () => {
  const id = await settings.integration()
  await settings.authorise(id)
  const { accessToken } = (await tokenOf(id)).body
  settings.amazon.accessTokens.set(accessToken, Date.now() - 1)
  expect((await settings.call('GET', `/v1/integrations/${id}/marketplaces`)).status).toBe(200)
  expect((await tokenOf(id)).body.accessToken).not.toBe(accessToken)
})

test('another SECRETS_KEY opens no stored token: the answer says so, and no secret', async () => {
  const id = await settings.integration()
  await settings.authorise(id)
  const other = await settings.start({ SECRETS_KEY: Buffer.alloc(32, 8).toString('base64') })
  const answer = await fetch(`${other.url}/v1/internal/integrations/${id}/access-token`, {
    method: 'POST',
    headers: { authorization: `Bearer ${SERVICE_KEY}`, 'content-type': 'application/json' },
    body: '{}',
  })
  const problem = (await answer.json()) as { code: string; detail: string }
  await other.stop()
  expect([answer.status, problem.code]).toEqual([409, 'NOT_AUTHORISED'])
  expect(problem.detail).toContain('SECRETS_KEY does not open')
})
