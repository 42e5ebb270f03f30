import { expect, test } from 'vitest'
import { type Bytes, MemoryDisk, type Names } from './memory-disk.ts'
import { readSnapshot } from './read-snapshot.ts'
import { StateTable } from './state-table.ts'
import { writeSnapshot } from './write-snapshot.ts'

const options = { limitBytes: 2 ** 20, slabBytes: 1024 }
const changelog = { topic: 'orders.state.v1', partition: 0 }

function write(disk: MemoryDisk, nextOffset: bigint) {
  const table = new StateTable(options)
  for (let i = 0; i < 40; i++) table.put(`order-${i}`, Buffer.from(`${nextOffset}`.repeat(20)))
  const meta = { stateVersion: 1, changelog: { ...changelog, nextOffset }, inputs: {}, takenAtMs: 0 }
  return writeSnapshot('folder', table, meta, disk)
}

/** Offset of the snapshot that is read; the state must be of that offset, every key of it. */
async function readOffset(disk: MemoryDisk): Promise<bigint | undefined> {
  const { snapshot } = await readSnapshot(
    'folder',
    { stateVersion: 1, changelog, takenAfterMs: 0 },
    options,
    disk,
  )
  if (!snapshot) return undefined
  const { nextOffset } = snapshot.meta.changelog
  const values = [...snapshot.table.entries()].map(([, value]) => value.toString())
  expect(values).toEqual(Array(40).fill(`${nextOffset}`.repeat(20)))
  return nextOffset
}

async function withThreeWritten(): Promise<MemoryDisk> {
  const disk = new MemoryDisk()
  for (const offset of [1n, 2n, 3n]) await write(disk, offset)
  return disk
}

async function stepsOfOneWrite(): Promise<number> {
  const disk = await withThreeWritten()
  const before = disk.steps
  await write(disk, 4n)
  return disk.steps - before
}

const names: Names[] = ['all-lost', 'all-kept', 'only-removals-kept']
const bytes: Bytes[] = ['lost', 'garbage', 'kept']
const worlds = names.flatMap((name) => bytes.map((byte): [Names, Bytes] => [name, byte]))

test.each(worlds)(
  'S5: a power cut before any step of writing leaves a readable snapshot (names %s, bytes %s)',
  async (names, bytes) => {
    const steps = await stepsOfOneWrite()
    expect(steps).toBeGreaterThan(10)
    for (let step = 0; step < steps; step++) {
      const disk = await withThreeWritten()
      disk.cutAfter(step)
      await write(disk, 4n).catch(() => {})
      disk.restart(names, bytes)
      expect([3n, 4n]).toContain(await readOffset(disk))
      await write(disk, 5n)
      expect(await readOffset(disk)).toBe(5n)
      expect(await disk.list()).toHaveLength(2)
    }
  },
)

test.each(worlds)(
  'S5: a snapshot that was reported as written outlives a power cut (names %s, bytes %s)',
  async (names, bytes) => {
    const disk = await withThreeWritten()
    await write(disk, 4n)
    disk.restart(names, bytes)
    expect(await readOffset(disk)).toBe(4n)
  },
)
