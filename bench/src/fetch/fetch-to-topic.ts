import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  ARTIFACTS,
  emptyFolder,
  follow,
  prepareTopics,
  startArguments,
  startPostgres,
  stopChild,
  until,
} from '@backhaul/local'
import type { Contender, Sample } from '../bench.ts'
import { BROKER_CORE, MEASURED_CORE, moveToCore, onCore } from '../pinned.ts'
import { usageOf } from '../process-usage.ts'
import { BENCH_FOLDER, type Servers } from '../servers.ts'
import { INTEGRATION, type Outside, serveOutside, TENANT } from './outside.ts'

const PREFIX = 'fetch.'
const FOLDER = join(BENCH_FOLDER, 'fetch')
const ARCHIVE = join(FOLDER, 'archive')
/** A document of a gigabyte takes minutes. */
const MOST_MS = 3_600_000

/** A line of the fetcher's log. */
interface Line {
  readonly msg: string
  readonly url?: string
  readonly error?: string | null
  readonly new?: number
  readonly unchanged?: number
}

/**
 * The fetcher service as it is deployed, which downloads a document, archives it, compares its rows with those known to
 * Postgres, and publishes what is new; then the same document again, of which nothing is new.
 */
export async function fetchToTopic(
  servers: Servers,
  file: string,
  rows: number,
): Promise<Contender & { close(): Promise<void> }> {
  await emptyFolder(FOLDER)
  mkdirSync(FOLDER, { recursive: true })
  const context = { folder: FOLDER, artifacts: ARTIFACTS, children: servers.children, log: () => {} }
  const postgres = await startPostgres(context)
  if (postgres.pid) moveToCore(BROKER_CORE, postgres.pid)
  await prepareTopics({ KAFKA_BROKERS: [servers.brokers], TOPIC_PREFIX: PREFIX }, servers.registry)
  const outside = await serveOutside(file)
  const env = {
    ...process.env,
    KAFKA_BROKERS: servers.brokers,
    SCHEMA_REGISTRY_URL: servers.registry,
    TOPIC_PREFIX: PREFIX,
    DATABASE_URL: postgres.url,
    CONFIG_SERVICE_URL: outside.url,
    SERVICE_API_KEY: 'a-key-of-the-bench',
    AMAZON_URL: outside.url,
    AMAZON_QUOTA_FACTOR: '10000',
    ARCHIVE_DIR: ARCHIVE,
    ARCHIVE_KEYS: `bench:${randomBytes(32).toString('base64')}`,
    POLL_MS: '50',
    REPORT_POLL_MS: '50',
    HTTP_PORT: '0',
  }
  return {
    name: 'fetch-to-topic',
    run: () => measureFetches(servers, outside, env, rows),
    async close() {
      outside.close()
      await postgres.stop()
      await emptyFolder(FOLDER)
    },
  }
}

async function measureFetches(
  { children }: Servers,
  outside: Outside,
  env: NodeJS.ProcessEnv,
  rows: number,
): Promise<Sample> {
  outside.newSeller()
  rmSync(ARCHIVE, { recursive: true, force: true })
  const [command, args] = onCore(MEASURED_CORE, process.execPath, startArguments('report-fetcher'))
  let url: string | undefined
  let began = Number.NaN
  let ended: { seconds: number; told: Line } | undefined
  let failure: string | null = null
  outside.onDownload = () => {
    began = performance.now()
  }
  const child = children.spawn('report-fetcher', command, args, { env })
  const lastLines = follow('report-fetcher', child, (_, text) => {
    if (!text.startsWith('{')) return
    const line = JSON.parse(text) as Line
    if (line.msg === 'listening') url = line.url
    // The next download may begin before anybody has looked at this one's end.
    if (line.msg === 'document published') {
      ended = { seconds: (performance.now() - began) / 1_000, told: line }
    }
    if (line.msg === 'report moved on') failure = line.error ?? null
  })
  const published = async (): Promise<{ seconds: number; told: Line }> => {
    const died = () => failure ?? (child.exitCode === null ? null : lastLines())
    await until('The document', async () => ended !== undefined, { ended: died, timeoutMs: MOST_MS })
    const document = ended as NonNullable<typeof ended>
    ended = undefined
    return document
  }
  try {
    const first = await published()
    if (first.told.new !== rows) throw new Error(`${first.told.new} rows were published, of ${rows}`)
    const { peakRssMiB, cpuSeconds } = usageOf(child.pid ?? 0)
    console.error(`published in ${first.seconds.toFixed()} s, peak ${peakRssMiB.toFixed()} MiB`)
    const answer = await fetch(`${url}/v1/integrations/${INTEGRATION}/fetches`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TENANT}` },
    })
    if (!answer.ok) throw new Error(`The second fetch was refused: ${await answer.text()}`)
    const second = await published()
    if (second.told.unchanged !== rows)
      throw new Error(`${second.told.unchanged} rows are unchanged, of ${rows}`)
    return {
      newRowsPerSecond: rows / first.seconds,
      cpuMicrosPerNewRow: (cpuSeconds / rows) * 1e6,
      unchangedRowsPerSecond: rows / second.seconds,
      peakRssMiB: usageOf(child.pid ?? 0).peakRssMiB,
    }
  } finally {
    await stopChild(child)
  }
}
