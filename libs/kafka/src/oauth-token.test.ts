import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { tokenInFile, tokensOf } from './oauth-token.ts'

let server: Server
let url: string
let asked: { authorization: string | undefined; body: string }[]
let answer: { status: number; body: object }

beforeEach(async () => {
  asked = []
  answer = { status: 200, body: {} }
  server = createServer(async (request, response) => {
    asked.push({ authorization: request.headers.authorization, body: await text(request) })
    const { status, body } = answer
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ access_token: `token ${asked.length}`, expires_in: 100, ...body }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const client = (scope?: string) => ({ url, clientId: 'back haul', clientSecret: 's:ecret', scope })

test('asks with client credentials; calls at the same time share one request', async () => {
  const tokens = tokensOf(client('kafka'))
  expect(await Promise.all([tokens(), tokens(), tokens()])).toEqual(['token 1', 'token 1', 'token 1'])
  expect(asked).toEqual([
    {
      authorization: `Basic ${Buffer.from('back%20haul:s%3Aecret').toString('base64')}`,
      body: 'grant_type=client_credentials&scope=kafka',
    },
  ])
})

test('a token is kept for four fifths of its life, then renewed before it ends', async () => {
  let now = 0
  const tokens = tokensOf(client(), () => now)
  await tokens()
  now = 79_999
  expect(await tokens()).toBe('token 1')
  now = 80_000
  expect(await tokens()).toBe('token 2')
})

test.each([
  [401, {}],
  [503, {}],
  [200, { access_token: 7 }],
])('an answer of %i with %o is no token; it is asked for again', async (status, body) => {
  const tokens = tokensOf(client())
  answer = { status, body }
  await expect(tokens()).rejects.toMatchObject({
    code: 'KAFKA_TOKEN_UNAVAILABLE',
    message: expect.stringContaining(String(status)),
    retryable: true,
  })
  answer = { status: 200, body: {} }
  expect(await tokens()).toBe('token 2')
})

test('a server that is not there is waited for; the secret is in no message', async () => {
  server.close()
  const error = await tokensOf(client())().catch((e) => e)
  expect(error).toMatchObject({ code: 'KAFKA_TOKEN_UNAVAILABLE', retryable: true })
  expect(JSON.stringify([error, String(error), String(error.cause)])).not.toContain('ecret')
})

test('a token in a file is read anew each time', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'token-'))
  const path = join(folder, 'token')
  const token = tokenInFile(path)
  await expect(token()).rejects.toMatchObject({ code: 'KAFKA_TOKEN_UNAVAILABLE', retryable: true })
  writeFileSync(path, 'one\n')
  expect(await token()).toBe('one')
  writeFileSync(path, 'two\n')
  expect(await token()).toBe('two')
  rmSync(folder, { recursive: true })
})
