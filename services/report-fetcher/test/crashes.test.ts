import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { amazonDay } from '@backhaul/amazon-simulator'
import type { ReportRequest } from '@backhaul/sp-api'
import { eventually } from '@backhaul/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DAY_MS, DE, documentOf, FR, GB, type Ground, reportRow, startGround, sumOf } from './fetcher.ts'

const KILLS = Number(process.env.KILLS ?? 10)
/** A run takes about half a second from the order to its end: kills fall between all its steps. */
const LONGEST_LIFE_MS = 600

let ground: Ground
const children = new Set<ChildProcess>()

beforeAll(async () => {
  ground = await startGround()
  ground.amazon.worldReturns = false
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await ground.close()
})

/** The fetcher as a process of its own, once it is started. */
async function startProcess(): Promise<{ url: string; kill: () => Promise<void> }> {
  const main = new URL('../src/main.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [main], {
    env: { ...ground.environment, PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.add(child)
  let url = ''
  for await (const line of createInterface(child.stdout)) {
    const said = JSON.parse(line)
    if (said.msg === 'listening') url = said.url
    if (said.msg === 'started') break
  }
  child.stdout.resume()
  const ended = once(child, 'exit')
  return {
    url,
    async kill() {
      child.kill('SIGKILL')
      await ended
      children.delete(child)
    },
  }
}

test(
  'I1, I2, C6: killed ten times at any moment, each version of a row is published once and counts agree',
  async () => {
    const integration = ground.integration()
    const rows = Array.from({ length: 20 }, () => reportRow())
    const lives: number[] = []
    for (let round = 0; round < KILLS; round++) {
      rows[round] = { ...(rows[round] as Record<string, string>), 'Tracking ID': `TRK${round}` }
      rows.push(reportRow())
      ground.amazon.givenRows.set(DE, [...rows])
      const fetcher = await startProcess()
      await fetch(`${fetcher.url}/v1/integrations/${integration.id}/fetches`, {
        method: 'POST',
        headers: { authorization: 'Bearer tenant-1' },
      })
      lives.push(Math.random() * LONGEST_LIFE_MS)
      await sleep(lives.at(-1))
      await fetcher.kill()
    }
    await ground.start()
    await ground.fetchNow(integration)
    const said = `killed after ${lives.map(Math.round)} ms`

    const published = await ground.published(integration)
    const versions = published.map((r) => `${r.rowId} ${r.trackingId}`)
    expect(versions.length, said).toBe(new Set(versions).size)
    const byTracking = (list: { orderReference: string; trackingId: string | null }[]) =>
      new Map(list.map((r) => [r.orderReference, r.trackingId]))
    const given = rows.map((r) => ({
      orderReference: r['Order ID'] as string,
      trackingId: r['Tracking ID'] ?? null,
    }))
    const newest = [...published].sort((a, b) => a.observedAt - b.observedAt || a.fetchedAt - b.fetchedAt)
    expect(byTracking(newest), said).toEqual(byTracking(given))

    const runs = await ground.runs(integration.id)
    const ends = (await ground.announced(integration)).filter((r) => r.endedAt !== null)
    expect(ends.map((r) => r.reportRunId).sort(), said).toEqual(runs.map((r) => r.reportRunId).sort())
    for (const end of ends) expect(end.rowsInDocument).toBe(sumOf(end))
    expect(
      ends.reduce((sum, r) => sum + r.new + r.changed, 0),
      said,
    ).toBe(published.length)
    const asked = ground.amazon.calls.filter((c) => c.operation === 'createReport')
    expect(asked.length, said).toBeLessThanOrEqual(runs.length)
    expect(ground.failures).toEqual([])
    ground.config.integrations = []
    await ground.stop()
    console.log(`${KILLS} kills, ${runs.length} windows, ${asked.length} calls of createReport`)
  },
  KILLS * 12_000,
)

test('I1, I2: a document in pieces, killed between the commit of one and its note, goes on with the next; each row once', async () => {
  const integration = ground.integration()
  ground.amazon.givenRows.set(DE, [])
  const rows = Array.from({ length: 25_000 }, () => reportRow({ 'Item Name': 'x'.repeat(100) }))
  const fetcher = await startProcess()
  const lock = await ground.postgres.connect()
  await lock.query('BEGIN; LOCK TABLE fetcher.return_rows IN SHARE MODE')
  const form = new FormData()
  form.set('integrationId', integration.id)
  form.set('marketplaceId', DE as string)
  form.set('file', new Blob([documentOf(rows)]))
  const headers = { authorization: 'Bearer tenant-1' }
  const posted = await fetch(`${fetcher.url}/v1/imports`, { method: 'POST', headers, body: form })
  const { reportRunId } = (await posted.json()) as { reportRunId: string }
  const told = async () => (await ground.announced(integration)).filter((r) => r.reportRunId === reportRunId)
  await eventually(async () => expect((await told()).map((r) => r.position)).toEqual([0, 1]))
  await fetcher.kill()
  await lock.query('ROLLBACK')
  lock.release()

  await ground.start()
  const run = await ground.ended(reportRunId)
  expect(run).toMatchObject({ state: 'PUBLISHED', counts: { rowsInDocument: 25_000, new: 25_000 } })
  const published = (await ground.published(integration)).filter((r) => r.reportRunId === reportRunId)
  expect(published).toHaveLength(25_000)
  expect(new Set(published.map((r) => r.rowNumber)).size).toBe(25_000)
  const positions = (await told()).map((r) => r.position)
  expect(positions.length).toBeGreaterThan(3)
  expect(positions).toEqual(positions.map((_, n) => n))
  ground.config.integrations = []
  await ground.stop()
}, 120_000)

test('I2: killed between the commit and its note, no row is published again, not even by an upload that comes first', async () => {
  const integration = ground.integration()
  const rows = Array.from({ length: 5 }, () => reportRow())
  ground.amazon.givenRows.set(DE, rows)
  const fetcher = await startProcess()
  // Rows can be read and not noted: the process hangs where it would note what it published.
  const lock = await ground.postgres.connect()
  await lock.query('BEGIN; LOCK TABLE fetcher.return_rows IN SHARE MODE')
  const post = (path: string, body?: FormData) =>
    fetch(`${fetcher.url}${path}`, {
      method: 'POST',
      headers: { authorization: 'Bearer tenant-1' },
      ...(body && { body }),
    })
  await post(`/v1/integrations/${integration.id}/fetches`)
  await eventually(async () => {
    expect((await ground.announced(integration)).map((r) => r.state)).toContain('PUBLISHED')
  })
  const form = new FormData()
  form.set('integrationId', integration.id)
  form.set('marketplaceId', DE)
  form.set('file', new Blob([documentOf(rows)]))
  expect((await post('/v1/imports', form)).status).toBe(202)
  await fetcher.kill()
  await lock.query('ROLLBACK')
  lock.release()
  // As after a failure that is waited out: by time alone, the upload would come first.
  await ground.postgres.query(
    'UPDATE fetcher.report_runs SET not_before = not_before + 1500 WHERE publishing',
  )

  await ground.stop()
  await ground.start()
  const runs = await ground.allEnded(integration, 2)
  expect(await ground.published(integration)).toHaveLength(5)
  expect(runs.map((r) => [r.source, r.state, r.counts?.new, r.counts?.unchanged])).toEqual([
    ['import', 'PUBLISHED', 0, 5],
    ['api', 'PUBLISHED', 5, 0],
  ])
  const ends = (await ground.announced(integration)).filter((r) => r.endedAt !== null)
  expect(ends).toHaveLength(2)
})

test('C15: two years of three marketplaces are read across four kills: whole, no row twice, each slice asked for once, live cycles go on', async () => {
  const marketplaces = [DE, FR, GB] as string[]
  const to = Date.now() - 60 * DAY_MS
  const daysBefore = [...Array.from({ length: 11 }, (_, n) => 30 + 60 * n), 665]
  for (const id of marketplaces) {
    const rows = daysBefore.map((days) => reportRow({ 'Return request date': amazonDay(to - days * DAY_MS) }))
    ground.amazon.givenRows.set(id, [reportRow(), ...rows])
  }
  const integration = ground.integration({ mapped: marketplaces })
  const ask = async (url: string, path: string, body?: object) => {
    const headers = { authorization: 'Bearer tenant-1', ...(body && { 'content-type': 'application/json' }) }
    const method = body ? 'POST' : 'GET'
    const answer = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    return (await answer.json()) as { backfillId: string; state: string; slices: number; slicesDone: number }
  }
  let fetcher = await startProcess()
  const { backfillId, slices } = await ask(fetcher.url, '/v1/backfills', {
    integrationId: integration.id,
    from: new Date(to - 670 * DAY_MS).toISOString(),
    to: new Date(to).toISOString(),
  })
  const path = `/v1/backfills/${backfillId}`
  for (const done of [2, 6, 10, 14]) {
    await eventually(async () =>
      expect((await ask(fetcher.url, path)).slicesDone).toBeGreaterThanOrEqual(done),
    )
    await sleep(Math.random() * LONGEST_LIFE_MS)
    await fetcher.kill()
    fetcher = await startProcess()
  }
  await fetcher.kill()
  await ground.start()
  const live = await ground.fetchNow(integration)
  expect(live.map((r) => r.state)).toEqual(Array(3).fill('PUBLISHED'))
  expect((await ask(ground.url(), path)).state).toBe('running')
  await eventually(async () =>
    expect(await ask(ground.url(), path)).toMatchObject({ state: 'done', slicesDone: slices }),
  )
  expect(slices).toBe(36)
  const published = await ground.published(integration)
  expect(published).toHaveLength(3 * (daysBefore.length + 1))
  expect(new Set(published.map((r) => r.rowId)).size).toBe(published.length)
  const asked = ground.amazon.calls
    .filter((c) => c.operation === 'createReport' && c.sellerId === integration.sellerId)
    .map((c) => c.body as ReportRequest)
    .filter((body) => Date.parse(body.dataEndTime) < Date.now() - 30 * DAY_MS)
  expect(asked).toHaveLength(36)
  expect(new Set(asked.map((body) => `${body.marketplaceIds} ${body.dataEndTime}`)).size).toBe(36)
  ground.config.integrations = []
  await ground.stop()
}, 240_000)

test('two instances share the work: each window is asked for once, each row is published once', async () => {
  const rows = Array.from({ length: 10 }, () => reportRow())
  ground.amazon.givenRows.set(DE as string, rows)
  const other = await startProcess()
  await ground.start()
  const before = ground.amazon.calls.length
  const integrations = Array.from({ length: 8 }, () => ground.integration())
  for (const integration of integrations) {
    const [run] = await ground.allEnded(integration, 1)
    expect(run).toMatchObject({ state: 'PUBLISHED', counts: { new: 10 } })
    expect(await ground.published(integration)).toHaveLength(10)
  }
  const asked = ground.amazon.calls.slice(before).filter((c) => c.operation === 'createReport')
  expect(asked).toHaveLength(integrations.length)
  await other.kill()
  ground.config.integrations = []
  await ground.stop()
}, 60_000)
