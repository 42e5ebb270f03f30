import { pino } from 'pino'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineService } from './service.ts'
import { startService } from './start.ts'

const quiet = { LOG_LEVEL: 'fatal' }
const ignore = () => {}

test('a started service is live, ready and tells its metrics', async () => {
  const service = defineService({
    name: 'reconciler',
    config: z.object({}),
    async start({ metrics }) {
      metrics.counter('rows_read_total', 'Rows read').inc(3)
      return { stop: async () => {} }
    },
  })
  const started = await startService(service, { environment: quiet, onFailure: ignore })
  expect((await fetch(`${started.url}/live`)).status).toBe(200)
  expect((await fetch(`${started.url}/ready`)).status).toBe(200)
  expect(await (await fetch(`${started.url}/metrics`)).text()).toContain(
    'rows_read_total{service="reconciler"} 3',
  )
  await started.stop()
})

test('/ready says why not, part by part', async () => {
  const service = defineService({
    name: 'reconciler',
    config: z.object({}),
    async start({ health }) {
      health.wait('kafka', 'no partition assigned yet')
      return { stop: async () => {} }
    },
  })
  const started = await startService(service, { environment: quiet, onFailure: ignore })
  const answer = await fetch(`${started.url}/ready`)
  expect(answer.status).toBe(503)
  expect(await answer.json()).toEqual({
    status: 'not ready',
    reasons: { kafka: 'no partition assigned yet' },
  })
  await started.stop()
})

test('a start that fails frees what was opened and passes the error on', async () => {
  const service = defineService({
    name: 'reconciler',
    config: z.object({}),
    start: () => Promise.reject(new Error('no database')),
  })
  await expect(startService(service, { environment: quiet, onFailure: ignore })).rejects.toThrow(
    'no database',
  )
})

/** A start that waits until the test lets it go on; as it would for a server that is down. */
const waitingService = (released: Promise<void>) =>
  defineService({
    name: 'reconciler',
    config: z.object({}),
    async start({ health, http, signal }) {
      http.get('/v1/things', async () => ['thing'])
      health.wait('schema registry', 'does not answer')
      await Promise.race([
        released,
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      ])
      health.ok('schema registry')
      return { stop: async () => {} }
    },
  })

/** Starts with a log that tells where it listens. */
async function startAndListen(service: ReturnType<typeof waitingService>, signal?: AbortSignal) {
  const url = Promise.withResolvers<string>()
  const log = pino({ level: 'info' }, { write: (line) => url.resolve(JSON.parse(line).url) })
  const started = startService(service, {
    environment: quiet,
    log,
    onFailure: ignore,
    ...(signal && { signal }),
  })
  return { started, url: await url.promise }
}

test('/ready answers and says why while start waits; other routes answer once it has started', async () => {
  const release = Promise.withResolvers<void>()
  const { started, url } = await startAndListen(waitingService(release.promise))

  const ready = await fetch(`${url}/ready`)
  expect(ready.status).toBe(503)
  expect(await ready.json()).toEqual({
    status: 'not ready',
    reasons: { service: 'starting', 'schema registry': 'does not answer' },
  })
  expect((await fetch(`${url}/live`)).status).toBe(200)
  expect(await (await fetch(`${url}/v1/things`)).json()).toMatchObject({ status: 503, code: 'STARTING' })

  release.resolve()
  const running = await started
  expect((await fetch(`${url}/ready`)).status).toBe(200)
  expect(await (await fetch(`${url}/v1/things`)).json()).toEqual(['thing'])
  await running.stop()
})

test('a start that waits is given up when the service is asked to stop', async () => {
  const stop = new AbortController()
  const { started, url } = await startAndListen(waitingService(new Promise(ignore)), stop.signal)
  stop.abort()
  await expect(started).rejects.toThrow('aborted')
  await expect(fetch(`${url}/live`)).rejects.toThrow()
})
