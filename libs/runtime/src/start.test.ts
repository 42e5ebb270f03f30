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
