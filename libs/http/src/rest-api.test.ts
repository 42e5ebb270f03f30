import Fastify from 'fastify'
import { beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { HttpFault, type RestApi, restApi } from './index.ts'

let api: RestApi

beforeEach(async () => {
  const verifyKey = async (key: string) =>
    key === 'good' ? { keyId: 'k', tenantId: 't', scopes: ['config:read'] } : null
  api = await restApi(Fastify(), { title: 'Test', description: '', version: '1', verifyKey })
  const body = z.object({ name: z.string().min(1), hours: z.number().int().min(1) })
  api.post('/things', { schema: { body }, config: { scopes: ['config:read'] } }, async (r) => ({
    tenant: r.caller.tenantId,
  }))
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
