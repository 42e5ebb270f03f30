import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { Registry } from './registry.ts'

const PASSWORD = 'pass-word-of-the-registry'
const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A registry that answers everything with a status, or with nothing. */
async function registryThat(status: number | 'hangs up'): Promise<string> {
  const server = createServer((request, response) => {
    if (status === 'hangs up') request.socket.destroy()
    else response.writeHead(status, { 'content-type': 'application/json' }).end('{"message":"no"}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  return `http://someone:${PASSWORD}@127.0.0.1:${(server.address() as AddressInfo).port}`
}

test.each([
  [401, 'SCHEMA_REFUSED'],
  [500, 'REGISTRY_UNAVAILABLE'],
  ['hangs up', 'REGISTRY_UNAVAILABLE'],
] as const)('a registry that answers %s is told without its password', async (status, code) => {
  const registry = new Registry(await registryThat(status))
  const error = await registry.schemaOf(7).catch((fault) => fault)
  expect(error).toMatchObject({ code })
  const whole = inspect(error, { depth: 10, showHidden: true })
  expect(whole).not.toContain(PASSWORD)
  expect(whole).not.toContain(Buffer.from(`someone:${PASSWORD}`).toString('base64'))
})
