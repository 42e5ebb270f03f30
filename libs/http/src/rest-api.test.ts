import { Fault } from '@backhaul/domain'
import Fastify from 'fastify'
import { beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { HttpFault, type RestApi, restApi } from './index.ts'

let api: RestApi
let logged: string[]

beforeEach(async () => {
  logged = []
  const stream = { write: (line: string) => void logged.push(JSON.parse(line).msg) }
  const verifyKey = async (key: string) =>
    key === 'good' ? { keyId: 'k', tenantId: 't', scopes: ['config:read'] } : null
  api = await restApi(Fastify({ logger: { level: 'warn', stream } }), {
    title: 'Test',
    description: '',
    version: '1',
    verifyKey,
  })
  const body = z.object({ name: z.string().min(1), hours: z.number().int().min(1) })
  api.post('/things', { schema: { body }, config: { scopes: ['config:read'] } }, async (r) => ({
    tenant: r.caller.tenantId,
  }))
  const order = z.strictObject({ items: z.array(z.strictObject({ sku: z.string() })) })
  api.post('/orders', { schema: { body: order }, config: { scopes: ['config:read'] } }, async () => 'taken')
  api.get('/down', async () => {
    throw new Fault('POSTGRES_UNAVAILABLE', 'Postgres does not answer', { retryable: true })
  })
  api.get('/secret', { config: { scopes: ['config:write'] } }, async () => 'never')
  api.get('/conflict', async () => {
    throw new HttpFault(409, 'IN_USE', 'It is in use by X')
  })
  api.get('/bug', async () => {
    throw new Error('password=hunter2')
  })
})

const good = { authorization: 'Bearer good' }

test('a good request comes through, with its caller', async () => {
  const answer = await api.inject({
    method: 'POST',
    url: '/things',
    headers: good,
    payload: { name: 'a', hours: 2 },
  })
  expect(answer.json()).toEqual({ tenant: 't' })
})

test('all faults of a request are told at once, each with its place', async () => {
  const answer = await api.inject({
    method: 'POST',
    url: '/things',
    headers: good,
    payload: { name: '', hours: 0.5 },
  })
  expect(answer.statusCode).toBe(422)
  expect(answer.headers['content-type']).toContain('application/problem+json')
  expect(answer.json().errors.map((e: { pointer: string }) => e.pointer)).toEqual([
    '/body/name',
    '/body/hours',
  ])
})

test.each([
  [undefined, 401, 'KEY_MISSING'],
  ['Bearer bad', 401, 'KEY_UNKNOWN'],
  ['Bearer good', 403, 'SCOPE_MISSING'],
])('authorization %s answers %i %s', async (authorization, status, code) => {
  const answer = await api.inject({ url: '/secret', headers: authorization ? { authorization } : {} })
  expect([answer.statusCode, answer.json().code]).toEqual([status, code])
})

test('a conflict says what it is; a bug says nothing of its inside', async () => {
  expect((await api.inject('/conflict')).json()).toMatchObject({
    status: 409,
    code: 'IN_USE',
    detail: 'It is in use by X',
  })
  const bug = await api.inject('/bug')
  expect(bug.statusCode).toBe(500)
  expect(bug.body).not.toContain('hunter2')
})

test('an unknown path is a problem too, and the API describes itself', async () => {
  expect((await api.inject('/nowhere')).json()).toMatchObject({ status: 404, code: 'NOT_FOUND' })
  const page = (await api.inject('/openapi.json')).json()
  expect(page.openapi).toBe('3.1.0')
  expect(page.paths['/things'].post.requestBody.content['application/json'].schema.required).toEqual([
    'name',
    'hours',
  ])
})

test('each unknown property is a fault of its own, with its place; what was sent is not repeated', async () => {
  const answer = await api.inject({
    method: 'POST',
    url: '/orders',
    headers: good,
    payload: { items: [{ sku: 'x', 'buyer/name~': 'CANARY' }], buyerEmail: 'CANARY' },
  })
  expect(answer.statusCode).toBe(422)
  expect(answer.json().errors).toEqual([
    { pointer: '/body/items/0/buyer~1name~0', detail: 'is not a known property' },
    { pointer: '/body/buyerEmail', detail: 'is not a known property' },
  ])
  expect(answer.body).not.toContain('CANARY')
})

test.each([
  ['text that is no JSON', 'application/json', '{"buyerName": "CANARY"', 400, 'REQUEST_INVALID'],
  ['no body at all', 'application/json', '', 400, 'REQUEST_INVALID'],
  ['another content type', 'text/csv', 'CANARY', 415, 'MEDIA_TYPE_UNSUPPORTED'],
  ['too many bytes', 'application/json', `"${'CANARY'.repeat(200_000)}"`, 413, 'BODY_TOO_LARGE'],
])('%s is refused without being repeated', async (_, type, payload, status, code) => {
  const headers = { ...good, 'content-type': type }
  const answer = await api.inject({ method: 'POST', url: '/orders', headers, payload })
  expect([answer.statusCode, answer.json().code]).toEqual([status, code])
  expect(answer.body).not.toContain('CANARY')
})

test('a dependency that is down answers 503, says when to try again, and is logged', async () => {
  const answer = await api.inject('/down')
  expect([answer.statusCode, answer.json().code]).toEqual([503, 'POSTGRES_UNAVAILABLE'])
  expect(answer.headers['retry-after']).toBe('5')
  expect(logged).toEqual(['not available'])
})

test('a bug is logged with its inside', async () => {
  await api.inject('/bug')
  expect(logged).toEqual(['request failed'])
})

test('the answers that every route may give are described, as problem+json', async () => {
  const { responses } = (await api.inject('/openapi.json')).json().paths['/orders'].post
  expect(Object.keys(responses)).toEqual(expect.arrayContaining(['401', '403', '503']))
  expect(Object.keys(responses[401].content)).toEqual(['application/problem+json'])
})
