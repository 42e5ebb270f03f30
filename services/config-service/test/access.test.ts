import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  KEY,
  newIntegration,
  OTHER_KEY,
  SERVICE_KEY,
  type SettingsUnderTest,
  settingsUnderTest,
} from './settings-under-test.ts'

let settings: SettingsUnderTest
beforeAll(async () => {
  settings = await settingsUnderTest()
})
afterAll(() => settings.close())

interface Operation {
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly responses: Readonly<Record<string, { description?: string; content?: object }>>
}
interface Page {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}
const openApi = async (): Promise<Page> => (await settings.call('GET', '/openapi.json', { key: '' })).body

/** Every operation, with something in place of each parameter. */
const operations = ({ paths }: Page) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: path.replaceAll(/\{\w+\}/g, '1'),
      operation,
    })),
  )

test('no route answers without a key, with an unknown one, or with one that lacks the scope', async () => {
  const all = operations(await openApi())
  expect(all.length).toBeGreaterThan(20)
  for (const { method, path } of all) {
    const none = await settings.call(method, path, { key: '' })
    expect([path, none.status, none.body.code]).toEqual([path, 401, 'KEY_MISSING'])
    const unknown = await settings.call(method, path, { key: 'nobody' })
    expect([path, unknown.status, unknown.body.code]).toEqual([path, 401, 'KEY_UNKNOWN'])
    const writes = method !== 'GET' && !path.startsWith('/v1/internal/')
    const lacking = path.startsWith('/v1/internal/') ? KEY : writes ? SERVICE_KEY : null
    if (lacking === null) continue
    const refused = await settings.call(method, path, { key: lacking })
    expect([path, refused.status, refused.body.code]).toEqual([path, 403, 'SCOPE_MISSING'])
  }
})

test('the integration of another tenant does not exist, however it is asked for', async () => {
  const id = await settings.integration({}, OTHER_KEY)
  const path = `/v1/integrations/${id}`
  const mappings = { mappings: [] }
  for (const [method, at, body] of [
    ['GET', path],
    ['PATCH', path, { intervalHours: 3 }],
    ['GET', `${path}/versions`],
    ['GET', `${path}/versions/1`],
    ['GET', `${path}/marketplace-mapping`],
    ['PUT', `${path}/marketplace-mapping`, mappings],
    ['GET', `${path}/reason-mapping`],
    ['PUT', `${path}/reason-mapping`, mappings],
    ['GET', `${path}/amazon-reasons`],
    ['GET', `${path}/marketplaces`],
    ['PUT', `${path}/authorisation`, { sellerId: 'A0SELLER', refreshToken: 'Atzr|x' }],
  ] as const) {
    const { status, body: problem } = await settings.call(method, at, { body })
    expect([method, at, status, problem.code]).toEqual([method, at, 404, 'NOT_FOUND'])
  }
  const { body: list } = await settings.call('GET', '/v1/integrations')
  expect(list.map((i: { id: string }) => i.id)).not.toContain(id)
  expect((await settings.call('GET', path, { key: OTHER_KEY })).body.version).toBe(1)
})

test('channels, return reasons and keys of creations of another tenant do not exist', async () => {
  const channel = await settings.channel('Of tenant 2', OTHER_KEY)
  for (const method of ['GET', 'DELETE']) {
    expect((await settings.call(method, `/v1/channels/${channel}`)).status).toBe(404)
  }
  const headers = { 'idempotency-key': 'the same for both' }
  const create = (key: string) =>
    settings.call('POST', '/v1/integrations', { key, body: newIntegration, headers })
  const [mine, theirs] = [await create(KEY), await create(OTHER_KEY)]
  expect([mine.body.tenantId, theirs.body.tenantId]).toEqual(['tenant-1', 'tenant-2'])
})

test("services read every tenant's integrations and versions, and learn whose key it is", async () => {
  const ids = [await settings.integration(), await settings.integration({}, OTHER_KEY)]
  const { body: list } = await settings.call('GET', '/v1/internal/integrations', { key: SERVICE_KEY })
  expect(list.map((i: { id: string }) => i.id)).toEqual(expect.arrayContaining(ids))
  for (const id of ids) {
    const { body } = await settings.call('GET', `/v1/integrations/${id}/versions/1`, { key: SERVICE_KEY })
    expect(body).toMatchObject({ id, version: 1, channels: expect.any(Array), reasons: [] })
  }
  const verify = (apiKey: string) =>
    settings.call('POST', '/v1/internal/api-keys/verify', { key: SERVICE_KEY, body: { apiKey } })
  expect((await verify(OTHER_KEY)).body).toMatchObject({ tenantId: 'tenant-2' })
  expect((await verify(OTHER_KEY)).body.scopes).not.toContain('tokens:issue')
  const nobody = await verify('nobody')
  expect([nobody.status, nobody.body.code]).toEqual([404, 'NOT_FOUND'])
})

test.each(['/v1/integrations/none', '/v1/integrations/none/versions/1', '/v1/channels/%00', '/v1/nothing'])(
  '%s does not exist, and the answer says so as problem+json',
  async (path) => {
    const { status, headers, body } = await settings.call('GET', path)
    expect([404, 422]).toContain(status)
    expect(headers.get('content-type')).toContain('application/problem+json')
    expect(body).toMatchObject({ status, title: expect.any(String), code: expect.any(String) })
  },
)

test('a version number that no integration can have is refused, not a failure', async () => {
  const id = await settings.integration()
  for (const [version, status] of [
    ['2', 404],
    ['0', 422],
    ['one', 422],
    ['99999999999', 422],
  ] as const) {
    expect((await settings.call('GET', `/v1/integrations/${id}/versions/${version}`)).status).toBe(status)
  }
})

test('/openapi.json describes every route: a summary, a tag, and each answer with its words', async () => {
  const page = await openApi()
  expect(page).toMatchObject({ openapi: '3.1.0', info: { title: 'Backhaul settings' } })
  for (const { method, path, operation } of operations(page)) {
    const at = `${method} ${path}`
    expect(operation.summary, at).toMatch(/\w+/)
    expect(operation.tags, at).toHaveLength(1)
    const statuses = Object.keys(operation.responses)
    expect(
      statuses.some((s) => s.startsWith('2')),
      at,
    ).toBe(true)
    expect(statuses, at).toEqual(expect.arrayContaining(['401', '403', '503']))
    for (const [status, answer] of Object.entries(operation.responses)) {
      expect(answer.description, `${at} ${status}`).toEqual(expect.any(String))
      if (status < '400') continue
      expect(Object.keys(answer.content ?? {}), `${at} ${status}`).toEqual(['application/problem+json'])
    }
  }
})

test('every place that /openapi.json refers to is there, and each parameter of a path is declared', async () => {
  const page = await openApi()
  for (const [, pointer] of JSON.stringify(page).matchAll(/"\$ref":"#([^"]+)"/g)) {
    const found = (pointer as string)
      .split('/')
      .slice(1)
      .reduce<unknown>((at, part) => (at as Record<string, unknown>)?.[part], page)
    expect(found, pointer).toBeDefined()
  }
  for (const [path, methods] of Object.entries(page.paths)) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1])
    for (const operation of Object.values(methods)) {
      const { parameters = [] } = operation as { parameters?: { name: string; in: string }[] }
      expect(parameters.filter((p) => p.in === 'path').map((p) => p.name)).toEqual(named)
    }
  }
})
