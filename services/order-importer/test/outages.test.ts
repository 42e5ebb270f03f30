import { type StartedService, startService } from '@backhaul/runtime'
import { eventually, tcpProxy } from '@backhaul/testing'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { service } from '../src/service.ts'
import { freshReference, type ImporterUnderTest, importerUnderTest, orderOf } from './importer-under-test.ts'

let importer: ImporterUnderTest
beforeAll(async () => {
  importer = await importerUnderTest()
})
afterAll(() => importer.close())

/** Starts a service, and tells where it listens before it has started. */
async function start(given: Readonly<Record<string, string>>, signal?: AbortSignal) {
  const url = Promise.withResolvers<string>()
  const log = pino({ level: 'info' }, { write: (line) => url.resolve(JSON.parse(line).url) })
  const started = startService(service, {
    environment: { ...importer.environment, ...given },
    log,
    onFailure: (error) => expect.unreachable(String(error)),
    ...(signal && { signal }),
  })
  return { started, url: await url.promise }
}

/** A variable of the environment, with a proxy that is down in front of the server that it names. */
async function behindProxy(variable: string) {
  const value = importer.environment[variable] as string
  const bare = !value.includes('://')
  const proxy = await tcpProxy(bare ? `tcp://${value}` : value)
  return { proxy, given: { [variable]: bare ? new URL(proxy.url).host : proxy.url } }
}

test.each([
  ['DATABASE_URL', 'postgres'],
  ['SCHEMA_REGISTRY_URL', 'schema registry'],
  ['KAFKA_BROKERS', 'kafka'],
])('%s down at the start: /ready says that %s is waited for, then it starts', async (variable, part) => {
  const { proxy, given } = await behindProxy(variable)
  const { started, url } = await start(given)
  await eventually(async () => {
    const answer = await fetch(`${url}/ready`)
    const { reasons } = (await answer.json()) as { reasons: Record<string, string> }
    expect([answer.status, Object.keys(reasons).sort()]).toEqual([503, [part, 'service'].sort()])
  })
  await proxy.up()
  const running: StartedService = await started
  expect((await fetch(`${url}/ready`)).status).toBe(200)
  const { body } = await importer.give(orderOf(freshReference()), { url })
  expect(body.accepted).toBe(1)
  await running.stop()
  await proxy.down()
})

test('Kafka down at the start: a stop is obeyed meanwhile', async () => {
  const { given } = await behindProxy('KAFKA_BROKERS')
  const stop = new AbortController()
  const { started, url } = await start(given, stop.signal)
  await eventually(async () =>
    expect(((await (await fetch(`${url}/ready`)).json()) as { reasons: object }).reasons).toHaveProperty(
      'kafka',
    ),
  )
  stop.abort()
  await expect(started).rejects.toThrow('aborted')
})

test('Postgres down at a call: 503 with Retry-After, nothing is taken, and it goes on by itself', async () => {
  const { proxy, given } = await behindProxy('DATABASE_URL')
  await proxy.up()
  const running = await importer.start(given)
  const reference = freshReference()
  const give = () => importer.give(orderOf(reference), { url: running.url })
  await importer.give(orderOf(freshReference()), { url: running.url })

  await proxy.down()
  const down = await give()
  expect([down.status, down.body.code]).toEqual([503, 'POSTGRES_UNAVAILABLE'])
  expect(down.headers.get('retry-after')).toBe('5')
  expect(await importer.written(reference)).toEqual([])

  await proxy.up()
  await eventually(async () => expect((await give()).status).toBe(200))
  expect(await importer.written(reference)).toHaveLength(1)
  await running.stop()
  await proxy.down()
})

test('config-service down: 503 with Retry-After, nothing is taken; keys and channels just asked for still pass', async () => {
  const [known, fresh] = [freshReference(), freshReference()]
  await importer.give(orderOf(known))
  importer.config.down = true
  expect((await importer.give(orderOf(known, { status: 'paid', sourceVersion: 2 }))).body.accepted).toBe(1)
  const channel = await importer.give(orderOf(fresh, { channelId: 'ch_unasked' }))
  const key = await importer.give(orderOf(fresh), { key: 'tenant-unasked' })
  importer.config.down = false
  for (const { status, headers, body } of [channel, key]) {
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'CONFIG_SERVICE_UNAVAILABLE', '5'])
  }
  expect(await importer.written(fresh)).toEqual([])
})
