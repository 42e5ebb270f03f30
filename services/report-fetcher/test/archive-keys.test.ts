import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { documentOf, type Ground, reportRow, startGround } from './fetcher.ts'

let ground: Ground

beforeAll(async () => {
  ground = await startGround()
})
afterAll(() => ground.close())

const key = () => randomBytes(32).toString('base64')

test('a fetcher without a key that sealed documents says so at the start; with it behind a new one all are read', async () => {
  await ground.start()
  const integration = ground.integration({ automaticImport: false })
  const { body } = await ground.import(integration, documentOf([reportRow()]))
  const { reportRunId } = await ground.ended(body.reportRunId)
  await ground.stop()
  const sealedWith = ground.environment.ARCHIVE_KEYS as string
  const startWith = (keys: string | undefined) => {
    if (keys === undefined) delete ground.environment.ARCHIVE_KEYS
    else ground.environment.ARCHIVE_KEYS = keys
    return ground.start()
  }
  await expect(startWith(undefined)).rejects.toThrow('ARCHIVE_KEYS')
  await expect(startWith('test:short')).rejects.toThrow('ARCHIVE_KEYS: give id:base64 of 32 bytes')
  await expect(startWith(`new:${key()}`)).rejects.toThrow(
    'sealed with key test, which is not in ARCHIVE_KEYS',
  )
  await expect(startWith(`test:${key()}`)).rejects.toThrow('another key test than the one that sealed')
  await startWith(`new:${key()},${sealedWith}`)
  expect((await ground.call('GET', `/v1/report-runs/${reportRunId}/rows/1`)).status).toBe(200)
  expect(ground.failures).toEqual([])
})
