import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Endpoints } from '@backhaul/local'
import { Children, ROOT } from '@backhaul/local'
import { eventually } from '@backhaul/testing'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** Servers, services and the demo, on two cores. */
const START_MS = 90_000
const STOP_MS = 45_000
const TEST_MS = 300_000

let folder: string
const started: ChildProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-start-'))
})
afterAll(async () => {
  for (const child of started) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const exited = once(child, 'exit')
    child.kill('SIGINT')
    await Promise.race([exited, sleep(STOP_MS, undefined, { ref: false })])
  }
  await new Children(folder).endLeftovers()
  await rm(folder, { recursive: true, force: true })
})

/** `npm start` on an empty machine: no server is named, all state is in the folder. */
function start(): { child: ChildProcess; said: () => string } {
  const { KAFKA_BROKERS, SCHEMA_REGISTRY_URL, DATABASE_URL, CLICKHOUSE_URL, ...environment } = process.env
  const child = spawn(process.execPath, ['infra/local/src/commands/start.ts'], {
    cwd: ROOT,
    env: { ...environment, BACKHAUL_FOLDER: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  return { child, said: () => said }
}

const endpointsPath = () => join(folder, 'endpoints.json')

/** Waits until it runs. @throws Error with what it said, when it ends instead. */
function running({ child, said }: ReturnType<typeof start>): Promise<Endpoints> {
  return eventually(() => {
    if (child.exitCode !== null) return { failed: said() }
    return { endpoints: JSON.parse(readFileSync(endpointsPath(), 'utf8')) as Endpoints }
  }, START_MS).then((result) => {
    if ('failed' in result) throw new Error(`It ended with exit code ${child.exitCode}: ${result.failed}`)
    return result.endpoints
  })
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode
}

interface Returns {
  readonly total: number
  readonly distinct: number
  readonly linked: number
}

/** Returns in Postgres; a return that was imported twice would have its number twice. */
async function returnsIn({ postgres }: Endpoints): Promise<Returns> {
  const client = new pg.Client({ connectionString: postgres })
  await client.connect()
  try {
    const { rows } = await client.query(
      `SELECT count(*)::int AS total,
         count(DISTINCT (marketplace_id, order_reference, order_source_rma_id))::int AS distinct,
         count(*) FILTER (WHERE link_status = 'LINKED')::int AS linked FROM returns.return_orders`,
    )
    return rows[0]
  } finally {
    await client.end()
  }
}

const linkedReturns = (endpoints: Endpoints) =>
  eventually(async () => {
    const returns = await returnsIn(endpoints)
    expect(returns.linked).toBeGreaterThan(0)
    return returns
  }, START_MS)

/** Names of the processes of the stack that run, by their records in the folder. */
function alive(): string[] {
  return readdirSync(join(folder, 'processes')).filter((file) => {
    const { pid } = JSON.parse(readFileSync(join(folder, 'processes', file), 'utf8')) as { pid: number }
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  })
}

test(
  'one command starts everything to a linked return; killed, it starts again with all it had; Ctrl-C ends it cleanly',
  async () => {
    const first = start()
    const endpoints = await running(first)
    expect(endpoints).toEqual({
      kafka: expect.stringMatching(/^[\w.]+:\d+$/),
      registry: expect.stringMatching(/^http:/),
      postgres: expect.stringMatching(/^postgres/),
      clickhouse: expect.stringMatching(/^http:/),
      configService: expect.stringMatching(/^http:/),
      reportFetcher: expect.stringMatching(/^http:/),
      orderImporter: expect.stringMatching(/^http:/),
      amazon: expect.stringMatching(/^http:/),
      apiKey: expect.stringMatching(/^\S{24,}$/),
    })
    const before = await linkedReturns(endpoints)
    expect(before.distinct).toBe(before.total)

    // A second start in the same folder is refused in one sentence that names the first.
    const second = start()
    expect(await exitOf(second.child)).toBe(1)
    expect(second.said()).toMatch(new RegExp(`in use by process ${first.child.pid}`))
    expect(first.child.exitCode).toBeNull()
    expect(existsSync(endpointsPath())).toBe(true)

    first.child.kill('SIGKILL')
    await once(first.child, 'exit')
    expect(alive()).not.toEqual([])
    await rm(endpointsPath())

    const third = start()
    const again = await running(third)
    expect(again.apiKey).toBe(endpoints.apiKey)
    const answer = await fetch(`${again.configService}/v1/integrations`, {
      headers: { authorization: `Bearer ${again.apiKey}` },
    })
    expect(await answer.json()).toHaveLength(1)
    const after = await linkedReturns(again)
    expect(after.total).toBeGreaterThanOrEqual(before.total)
    expect(after.distinct).toBe(after.total)

    third.child.kill('SIGINT')
    expect(await exitOf(third.child)).toBe(0)
    expect(existsSync(endpointsPath())).toBe(false)
    expect(alive()).toEqual([])
  },
  TEST_MS,
)
