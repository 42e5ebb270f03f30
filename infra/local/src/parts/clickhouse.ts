import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { stopChild } from '../children.ts'
import { freePort } from '../ports.ts'
import { answers, until } from '../ready.ts'
import { follow, type PartContext, type RunningPart } from './part.ts'

const MAIN = new URL('../clickhouse/main.ts', import.meta.url).pathname
const PREFERRED_PORT = 8123
const DATABASE = 'backhaul'

/** ClickHouse's engine in a process of its own, behind ClickHouse's HTTP interface. */
export async function startClickHouse({ folder, children, log }: PartContext): Promise<RunningPart> {
  const home = join(folder, 'clickhouse')
  await mkdir(home, { recursive: true })
  const port = await freePort(PREFERRED_PORT)
  const child = children.spawn('clickhouse', process.execPath, [MAIN, home, String(port)], { cwd: home })
  const lastLines = follow('clickhouse', child, log)
  const base = `http://127.0.0.1:${port}`
  const ended = () => (child.exitCode === null ? null : lastLines())
  await until('ClickHouse', () => answers(`${base}/ping`), { ended })
  const created = await fetch(base, { method: 'POST', body: `CREATE DATABASE IF NOT EXISTS ${DATABASE}` })
  if (!created.ok) throw new Error(`ClickHouse could not create its database: ${await created.text()}`)
  return { url: `${base}/${DATABASE}`, pid: child.pid ?? null, stop: () => stopChild(child) }
}
