import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'

/** A file being written. */
export interface NewFile {
  append(bytes: Uint8Array): Promise<void>
  /** What was appended outlives a power cut. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** A file being read. */
export interface OldFile {
  readonly sizeBytes: number
  /** Fills `into` from `position` on. @returns Bytes read: fewer at the file's end. */
  read(into: Uint8Array, position: number): Promise<number>
  close(): Promise<void>
}

/** What snapshots need of a disk. A port, so that tests can cut the power between any two steps. */
export interface Disk {
  makeFolder(folder: string): Promise<void>
  /** Names in a folder; none when there is no such folder. */
  list(folder: string): Promise<readonly string[]>
  /** Creates a file that must not exist. */
  create(path: string): Promise<NewFile>
  open(path: string): Promise<OldFile>
  rename(from: string, to: string): Promise<void>
  /** Names in the folder outlive a power cut. */
  syncFolder(folder: string): Promise<void>
  remove(path: string): Promise<void>
}

/** True for what the disk itself refused; anything else is a bug. */
export function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}

export const disk: Disk = {
  async makeFolder(folder) {
    await mkdir(folder, { recursive: true })
  },
  async list(folder) {
    try {
      return await readdir(folder)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  },
  async create(path) {
    const file = await open(path, 'wx')
    return {
      append: (bytes) => file.writeFile(bytes),
      sync: () => file.sync(),
      close: () => file.close(),
    }
  },
  async open(path) {
    const file = await open(path, constants.O_RDONLY)
    const { size: sizeBytes } = await file.stat()
    return { sizeBytes, read: (into, position) => readFully(file, into, position), close: () => file.close() }
  },
  rename,
  async syncFolder(folder) {
    const handle = await open(folder, constants.O_RDONLY)
    await handle.sync().finally(() => handle.close())
  },
  async remove(path) {
    await rm(path, { force: true })
  },
}

/** One read may give less than asked for, at 2 GiB or at a signal. */
async function readFully(file: FileHandle, into: Uint8Array, position: number): Promise<number> {
  let done = 0
  while (done < into.length) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return done
}
