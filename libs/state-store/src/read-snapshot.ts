import { join } from 'node:path'
import { Fault } from '@backhaul/domain'
import { crc32c } from '@node-rs/crc32'
import { type Disk, isDiskError, type OldFile, disk as realDisk } from './disk.ts'
import type { ErrorCode } from './errors.ts'
import {
  type Contents,
  contentsLength,
  corrupt,
  decodeContents,
  fileName,
  numbersOf,
  type SnapshotMeta,
  TRAILER_BYTES,
} from './snapshot-format.ts'
import { StateTable, type TableOptions } from './state-table.ts'

/** Which snapshots are of use. */
export interface Wanted {
  readonly stateVersion: number
  readonly changelog: { readonly topic: string; readonly partition: number }
  /**
   * Milliseconds since 1970, UTC. Behind an older snapshot the changelog may lack deletes that its cleaner removed
   * (`delete.retention.ms`): deleted keys would come back.
   */
  readonly takenAfterMs: number
}

/** A snapshot that is not used, and why. The fault's message names file and reason. */
export interface Refusal {
  readonly path: string
  readonly fault: Fault
}

export interface Restored {
  /** Null when no snapshot is of use: rebuild from the changelog's beginning. */
  readonly snapshot: { readonly table: StateTable; readonly meta: SnapshotMeta; readonly path: string } | null
  /** Snapshots newer than the one given back, newest first. */
  readonly refused: readonly Refusal[]
}

/**
 * The newest snapshot in the folder that is whole and wanted. A cache: read on from `meta.changelog.nextOffset`, and
 * check that the log reaches that far.
 *
 * A snapshot that does not fit `limitBytes` is refused too, with `STATE_TOO_LARGE`: rebuilt from the changelog, the
 * state has no dead records and may fit.
 *
 * @throws Fault `SNAPSHOT_UNREADABLE`, when the folder cannot be listed.
 */
export async function readSnapshot(
  folder: string,
  wanted: Wanted,
  options: TableOptions,
  disk: Disk = realDisk,
): Promise<Restored> {
  const refused: Refusal[] = []
  const names = await disk.list(folder).catch((cause) => {
    throw isDiskError(cause) ? unreadable(folder, cause) : cause
  })
  for (const number of numbersOf(names)) {
    const path = join(folder, fileName(number))
    try {
      return { snapshot: { ...(await readFile(disk, path, number, wanted, options)), path }, refused }
    } catch (error) {
      refused.push({ path, fault: told(path, error) })
    }
  }
  return { snapshot: null, refused }
}

async function readFile(
  disk: Disk,
  path: string,
  number: number,
  wanted: Wanted,
  options: TableOptions,
): Promise<{ table: StateTable; meta: SnapshotMeta }> {
  const file = await disk.open(path)
  try {
    const contents = await readContents(file)
    checkWanted(contents, number, wanted)
    return { table: await readTable(file, contents, options), meta: contents.meta }
  } finally {
    await file.close()
  }
}

async function readContents(file: OldFile): Promise<Contents> {
  const trailer = await readPart(file, Math.max(0, file.sizeBytes - TRAILER_BYTES), TRAILER_BYTES)
  const length = contentsLength(trailer)
  const from = file.sizeBytes - TRAILER_BYTES - length
  if (from < 0) throw corrupt('it is shorter than its trailer says')
  const contents = decodeContents(await readPart(file, from, length), trailer)
  const slabs = contents.slabs.reduce((total, { bytes }) => total + bytes, 0)
  if (slabs !== from) throw corrupt(`it holds ${from} bytes of slabs, its contents tell of ${slabs}`)
  return contents
}

function checkWanted({ number: own, meta }: Contents, number: number, wanted: Wanted): void {
  const { topic, partition } = meta.changelog
  if (topic !== wanted.changelog.topic || partition !== wanted.changelog.partition) {
    throw foreign(
      `it is of ${topic}/${partition}, not ${wanted.changelog.topic}/${wanted.changelog.partition}`,
    )
  }
  if (own !== number) throw foreign(`it was written as ${fileName(own)}: files were swapped`)
  if (meta.stateVersion !== wanted.stateVersion) {
    throw new Fault(
      'SNAPSHOT_OF_OTHER_VERSION' satisfies ErrorCode,
      `it has state version ${meta.stateVersion}, this program reads ${wanted.stateVersion}`,
    )
  }
  if (meta.takenAtMs < wanted.takenAfterMs) {
    throw new Fault(
      'SNAPSHOT_TOO_OLD' satisfies ErrorCode,
      `it is of ${new Date(meta.takenAtMs).toISOString()}; the changelog tells every delete only since ` +
        new Date(wanted.takenAfterMs).toISOString(),
    )
  }
}

async function readTable(file: OldFile, contents: Contents, options: TableOptions): Promise<StateTable> {
  const table = new StateTable(options)
  const { slabBytes } = table.freeze()
  if (contents.slabBytes !== slabBytes) {
    throw new Fault(
      'SNAPSHOT_OF_OTHER_VERSION' satisfies ErrorCode,
      `it has slabs of ${contents.slabBytes} bytes, this table has slabs of ${slabBytes}`,
    )
  }
  let i = 0
  for await (const { slab, used, read, sum } of slabsOf(file, contents)) {
    if (read < used.length) throw corrupt(`it ends within slab ${i}`)
    if (crc32c(used) !== sum) throw corrupt(`it has a slab ${i} that fails its CRC32C`)
    if (!table.adopt(slab, used.length)) throw corrupt(`it has a slab ${i} whose records do not add up`)
    i += 1
  }
  if (table.size !== contents.keys) {
    throw corrupt(`it gives ${table.size} keys, its contents tell of ${contents.keys}`)
  }
  return table
}

/** A slab as it was read. */
interface SlabRead {
  /** A whole slab's memory. */
  readonly slab: Buffer
  /** The part of it that the file holds, as it should be. */
  readonly used: Buffer
  /** Bytes that were there to be read. */
  readonly read: number
  /** The CRC32C that it should have. */
  readonly sum: number
}

/** The slabs in order. Each is read from the disk while the one before it is worked on. */
async function* slabsOf(file: OldFile, { slabs, slabBytes }: Contents): AsyncGenerator<SlabRead> {
  let position = 0
  const readNext = ({ bytes, crc32c: sum }: Contents['slabs'][number]): Promise<SlabRead> => {
    const slab = Buffer.allocUnsafeSlow(slabBytes)
    const used = slab.subarray(0, bytes)
    const from = position
    position += bytes
    return file.read(used, from).then((read) => ({ slab, used, read, sum }))
  }
  let ahead: Promise<SlabRead> | undefined
  try {
    for (const [i, slab] of slabs.entries()) {
      const current = await (ahead ?? readNext(slab))
      const next = slabs[i + 1]
      ahead = next && readNext(next)
      yield current
    }
  } finally {
    // Where one is refused, nobody waits for the next: the file is closed behind it.
    await ahead?.catch(() => {})
  }
}

async function readPart(file: OldFile, position: number, length: number): Promise<Buffer> {
  const part = Buffer.alloc(length)
  return part.subarray(0, await file.read(part, position))
}

function foreign(what: string): Fault {
  return new Fault('SNAPSHOT_FOREIGN' satisfies ErrorCode, what)
}

function unreadable(path: string, cause: unknown): Fault {
  return new Fault(
    'SNAPSHOT_UNREADABLE' satisfies ErrorCode,
    `${path} cannot be read: ${(cause as Error).message}`,
    { retryable: true, cause },
  )
}

/** The fault with the file named. A bug stays a bug. */
function told(path: string, error: unknown): Fault {
  if (error instanceof Fault) {
    return new Fault(error.code, `Snapshot ${path} is not used: ${error.message}`, {
      details: error.details,
      cause: error,
    })
  }
  if (isDiskError(error)) return unreadable(path, error)
  throw error
}
