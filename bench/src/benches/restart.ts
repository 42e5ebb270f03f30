import { globSync, linkSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join as joinPath } from 'node:path'
import { until } from '@backhaul/local'
import type { Bench, Contender } from '../bench.ts'
import { Join } from '../join/join.ts'
import { watch } from '../join/progress.ts'
import { backhaul } from '../reconcilers/backhaul.ts'
import { BENCH_FOLDER, type Servers } from '../servers.ts'

/** All orders are of this partition: the others have nothing to restore. */
const PARTITION = 0
const SNAPSHOTS = joinPath(BENCH_FOLDER, 'snapshots')
/** A copy for one run: at its end, a reconciler writes a newer one. */
const COPY = joinPath(BENCH_FOLDER, 'snapshots-of-a-run')

/** A million keys of one partition are 2 GB: at the limit that a service has by default. */
const STATE_LIMIT = { STATE_LIMIT_MB: '8192' }

/** Rows that come after the snapshot, as a share of all. */
const TAIL = 0.01

/** A start that finds a state of a million keys. */
export const restart: Bench = {
  name: 'restart',
  compares:
    'the restore of one partition: from a snapshot and the tail of the changelog, or all of it from Kafka',
  metric: 'restoreSeconds',
  better: 'lower',
  goal: '≥ 5× faster, < 2 s',
  size: { runs: 5, records: 1_250_000 },
  async prepare(servers, { records }) {
    rmSync(SNAPSHOTS, { recursive: true, force: true })
    const join = await Join.prepare(servers, { prefix: 'restart.', rows: records, partition: PARTITION })
    await join.reset()
    await runToTheEnd(servers, join, { STATE_FOLDER: SNAPSHOTS })
    await join.append(Math.ceil(records * TAIL))
    // Without the folder: the snapshot stays behind by the tail.
    await runToTheEnd(servers, join, {})
    return {
      contenders: [
        restarts(servers, join, 'snapshot', () => {
          copySnapshots()
          return { STATE_FOLDER: COPY }
        }),
        restarts(servers, join, 'replay', () => ({})),
      ],
      async close() {
        await join.close()
        for (const folder of [SNAPSHOTS, COPY]) rmSync(folder, { recursive: true, force: true })
      },
    }
  },
}

async function runToTheEnd(servers: Servers, join: Join, env: Record<string, string>): Promise<void> {
  const reconciler = await backhaul(servers, join.settingsUrl, { env: { ...STATE_LIMIT, ...env } }).start(
    join.prefix,
  )
  await watch(join.kafka, reconciler, join.counts)
  await reconciler.stop()
}

/** What a reconciler tells of a state that is back. */
interface Restored {
  readonly msg: string
  readonly partition: number
  readonly from: string
  readonly keys: number
  readonly states: number
  readonly seconds: number
}

function restarts(
  servers: Servers,
  join: Join,
  name: string,
  settings: () => Record<string, string>,
): Contender {
  return {
    name,
    async run() {
      let told: Restored | undefined
      const heard = (line: string) => {
        if (!line.includes('"state restored"')) return
        const restored = JSON.parse(line) as Restored
        if (restored.partition === PARTITION) told = restored
      }
      const kind = backhaul(servers, join.settingsUrl, { env: { ...STATE_LIMIT, ...settings() }, heard })
      const began = performance.now()
      const reconciler = await kind.start(join.prefix)
      await until('The restore', async () => told !== undefined, { ended: reconciler.ended })
      const startSeconds = (performance.now() - began) / 1_000
      const { peakRssMiB } = reconciler.usage()
      await reconciler.stop()
      const { from, seconds, keys, states } = told as unknown as Restored
      if ((from === 'snapshot') !== (name === 'snapshot')) {
        throw new Error(`The state of the contender ${name} came from ${from}`)
      }
      return { restoreSeconds: seconds, startSeconds, keys, recordsRead: states, peakRssMiB }
    },
  }
}

function copySnapshots(): void {
  rmSync(COPY, { recursive: true, force: true })
  for (const file of globSync('**/*.snapshot', { cwd: SNAPSHOTS })) {
    mkdirSync(dirname(joinPath(COPY, file)), { recursive: true })
    linkSync(joinPath(SNAPSHOTS, file), joinPath(COPY, file))
  }
}
