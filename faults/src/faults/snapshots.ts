import { globSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { until } from '@backhaul/local'
import { readSnapshot, type SnapshotMeta, writeSnapshot } from '@backhaul/state-store'
import type { Reconciler } from '../stage/reconciler.ts'
import type { Stage } from '../stage/stage.ts'
import { flipBits, TEXT } from './corruption.ts'
import type { Fault } from './fault.ts'

const STATE_VERSION = 1
const LIMIT_BYTES = 256 * 1024 * 1024
const DAY_MS = 86_400_000
/** As far ahead of Kafka as no run comes. */
const AHEAD = 1_000_000n

/** What is done to the snapshots of an instance that is stopped. */
type Harm = (files: readonly string[], stage: Stage) => Promise<void>

/** It must start nevertheless, say which snapshots it refused, and have its state from Kafka. */
const harmed = (what: string, harm: Harm): Fault => ({
  name: `snapshots ${what}: they are refused, and the state comes from Kafka`,
  kind: 'snapshot',
  breaks: 'one',
  seats: 'static',
  async run(stage, one) {
    // An empty state is harmed by nothing.
    await until('a snapshot that holds rows', async () => filesOf(one).some(holdsText))
    await one.stop()
    await harm(filesOf(one), stage)
    const refused = one.says('"msg":"snapshot refused"')
    const rebuilt = one.says('"from":"kafka"')
    await one.start()
    await Promise.all([refused, rebuilt])
  },
})

/** In the state itself, not in what is told of it. */
export const snapshotsFlipped = harmed('with a bit flipped', async (files) => {
  for (const file of files.filter(holdsText)) {
    const bytes = readFileSync(file)
    flipBits(bytes)
    writeFileSync(file, bytes)
  }
})

export const snapshotsTruncated = harmed('cut short', async (files) => {
  for (const file of files) truncateSync(file, readFileSync(file).length >> 1)
})

/** Each partition has those of another one; what the other has stands where it was. */
export const snapshotsSwapped = harmed('of another partition', async (files, stage) => {
  const all = stage.pair.flatMap(filesOf)
  for (const file of files) {
    const other = all.find((one) => partitionOf(one) !== partitionOf(file))
    if (other) writeFileSync(file, readFileSync(other))
  }
})

/** Written by a later release, which went back to this one. */
export const snapshotsOfOtherVersion = harmed('of another version', (files) =>
  rewrite(files, (meta) => ({ ...meta, stateVersion: STATE_VERSION + 1 })),
)

/** As after topics were set back to a backup: they stand on inputs that Kafka does not have. */
export const snapshotsAhead = harmed('ahead of Kafka', (files) =>
  rewrite(files, (meta) => ({
    ...meta,
    inputs: Object.fromEntries(Object.entries(meta.inputs).map(([topic, next]) => [topic, next + AHEAD])),
  })),
)

/** Behind these, topics need not tell of every delete any more. */
export const snapshotsAged = harmed('older than a day', (files) =>
  rewrite(files, (meta) => ({ ...meta, takenAtMs: meta.takenAtMs - DAY_MS })),
)

const filesOf = (one: Reconciler) => globSync(join(one.stateFolder, '**', '*.snapshot')).sort()

const holdsText = (file: string) => readFileSync(file).includes(TEXT)

const partitionOf = (file: string) => dirname(file).split('-').at(-1)

/** Writes each folder's snapshots anew, until all that are kept tell something else. */
async function rewrite(
  files: readonly string[],
  change: (meta: SnapshotMeta) => SnapshotMeta,
): Promise<void> {
  for (const [folder, kept] of Map.groupBy(files, (file) => dirname(file))) {
    const topic = folder.split('/').at(-3) as string
    const changelog = { topic, partition: Number(partitionOf(kept[0] as string)) }
    const wanted = { stateVersion: STATE_VERSION, changelog, takenAfterMs: 0 }
    const { snapshot } = await readSnapshot(folder, wanted, { limitBytes: LIMIT_BYTES })
    if (!snapshot) continue
    for (const _ of kept) await writeSnapshot(folder, snapshot.table, change(snapshot.meta))
  }
}
