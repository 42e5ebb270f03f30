import { startService } from '@backhaul/runtime'
import { eventually, freshDatabase, tcpProxy } from '@backhaul/testing'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { service } from '../src/service.ts'
import { KEY, SERVICE_KEY } from './settings-under-test.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>
let proxy: Awaited<ReturnType<typeof tcpProxy>>
beforeAll(async () => {
  database = await freshDatabase()
  proxy = await tcpProxy(database.url)
})
afterAll(() => database.drop())

/** Starts a service whose Postgres is behind the proxy; tells where it listens before it has started. */
async function start(signal?: AbortSignal) {
  const url = Promise.withResolvers<string>()
  const log = pino({ level: 'info' }, { write: (line) => url.resolve(JSON.parse(line).url) })
  const started = startService(service, {
    environment: {
      DATABASE_URL: proxy.url,
      API_KEY_PEPPER: 'pepper-of-a-test',
      SECRETS_KEY: Buffer.alloc(32, 7).toString('base64'),
      SERVICE_API_KEY: SERVICE_KEY,
      BOOTSTRAP_API_KEY: KEY,
      LWA_CLIENT_ID: 'unused',
      LWA_CLIENT_SECRET: 'unused',
    },
    log,
    onFailure: (error) => expect.unreachable(String(error)),
    ...(signal && { signal }),
  })
  return { started, url: await url.promise }
}
const waitsForPostgres = (url: string) =>
  eventually(async () => {
    const answer = await fetch(`${url}/ready`)
    expect([answer.status, await answer.json()]).toEqual([
      503,
      {
        status: 'not ready',
        reasons: { service: 'starting', postgres: expect.stringContaining('Postgres') },
      },
    ])
  })

test('Postgres down at the start is waited for, and a stop is obeyed meanwhile', async () => {
  const stop = new AbortController()
  const { started, url } = await start(stop.signal)
  await waitsForPostgres(url)
  stop.abort()
  await expect(started).rejects.toThrow('aborted')
})

test('Postgres down: the start waits and says so; later calls answer 503, and go on by themselves', async () => {
  const { started, url } = await start()
  await waitsForPostgres(url)
  await proxy.up()
  const running = await started
  const call = () => fetch(`${url}/v1/channels`, { headers: { authorization: `Bearer ${KEY}` } })
  expect((await fetch(`${url}/ready`)).status).toBe(200)
  expect((await call()).status).toBe(200)

  await proxy.down()
  const down = await call()
  expect([down.status, down.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await down.json()).toMatchObject({ code: 'POSTGRES_UNAVAILABLE' })

  await proxy.up()
  await eventually(async () => expect((await call()).status).toBe(200))
  await running.stop()
  await proxy.down()
})
