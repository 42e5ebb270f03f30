import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Fault } from '@backhaul/domain'
import { crc32c } from '@node-rs/crc32'
import { type Disk, isDiskError, disk as realDisk } from './disk.ts'
import type { ErrorCode } from './errors.ts'
import {
  encodeContents,
  fileName,
  isTemporary,
  numbersOf,
  type SnapshotMeta,
  temporaryName,
} from './snapshot-format.ts'
import type { FrozenTable, StateTable } from './state-table.ts'

const KEPT_SNAPSHOTS = 2
/** Between two pieces other work gets its turn; checking and handing over one takes less than a millisecond. */
const PIECE_BYTES = 4 * 2 ** 20

/**
 * Writes the table as it is at the moment of the call, at a time when no transaction is open, so that it fits `meta`.
 * The table may change at once; only slabs that it lets go meanwhile stay in memory until this is done.
 *
 * One writer at a time per folder, and one folder per changelog partition.
 *
 * @returns Path and size of the snapshot, which outlives a power cut.
 * @throws Fault `SNAPSHOT_UNWRITABLE`, retryable; earlier snapshots stand.
 */
export async function writeSnapshot(
  folder: string,
  table: StateTable,
  meta: SnapshotMeta,
  disk: Disk = realDisk,
): Promise<{ path: string; bytes: number }> {
  const frozen = table.freeze()
  try {
    // 1. temporary file   fails → it is left over, the next writer removes it
    // 2. fsync            fails → the same
    // 3. rename           fails → the same
    // 4. fsync of folder  fails → the new name may be lost in a power cut; the older ones are still there
    // 5. remove older     fails → more than two are kept; the next writer removes them
    await disk.makeFolder(folder)
    await removeTemporary(disk, folder)
    const number = (numbersOf(await disk.list(folder))[0] ?? 0) + 1
    const temporary = join(folder, temporaryName(number, randomBytes(6).toString('hex')))
    const path = join(folder, fileName(number))
    const bytes = await writeFile(disk, temporary, frozen, number, meta)
    await disk.rename(temporary, path)
    await disk.syncFolder(folder)
    await removeOlder(disk, folder)
    return { path, bytes }
  } catch (cause) {
    // A full disk must not stay full. Where even this fails, the first failure is the one to tell.
    await removeTemporary(disk, folder).catch(() => {})
    if (!isDiskError(cause)) throw cause
    throw new Fault(
      'SNAPSHOT_UNWRITABLE' satisfies ErrorCode,
      `No snapshot could be written to ${folder}: ${cause.message}`,
      { retryable: true, cause },
    )
  }
}

async function writeFile(
  disk: Disk,
  path: string,
  { size, slabBytes, slabs }: FrozenTable,
  number: number,
  meta: SnapshotMeta,
): Promise<number> {
  const file = await disk.create(path)
  try {
    const sums: { bytes: number; crc32c: number }[] = []
    for (const slab of slabs) {
      let sum = 0
      for (let at = 0; at < slab.length; at += PIECE_BYTES) {
        const piece = slab.subarray(at, at + PIECE_BYTES)
        sum = crc32c(piece, sum)
        await file.append(piece)
      }
      sums.push({ bytes: slab.length, crc32c: sum })
    }
    const contents = encodeContents({ number, meta, keys: size, slabBytes, slabs: sums })
    await file.append(contents)
    await file.sync()
    return sums.reduce((total, { bytes }) => total + bytes, contents.length)
  } finally {
    await file.close()
  }
}

async function removeTemporary(disk: Disk, folder: string): Promise<void> {
  for (const name of await disk.list(folder)) {
    if (isTemporary(name)) await disk.remove(join(folder, name))
  }
}

async function removeOlder(disk: Disk, folder: string): Promise<void> {
  for (const number of numbersOf(await disk.list(folder)).slice(KEPT_SNAPSHOTS)) {
    await disk.remove(join(folder, fileName(number)))
  }
}
