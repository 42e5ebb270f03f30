import { basename } from 'node:path'
import type { Disk, NewFile, OldFile } from './disk.ts'

interface Content {
  bytes: Buffer
  syncedBytes: number
}

/** What a power cut leaves of names that no fsync of the folder has covered. */
export type Names = 'all-lost' | 'all-kept' | 'only-removals-kept'
/** What it leaves of bytes that no fsync of the file has covered. */
export type Bytes = 'lost' | 'garbage' | 'kept'

/** For tests: one folder of a disk whose power can be cut before any step. */
export class MemoryDisk implements Disk {
  #names = new Map<string, Content>()
  #durable = new Map<string, Content>()
  #removed = new Set<string>()
  #stepsLeft = Number.POSITIVE_INFINITY
  steps = 0

  /** The power goes before the step after so many. */
  cutAfter(steps: number): void {
    this.#stepsLeft = steps
  }

  /** The power is back. */
  restart(names: Names, bytes: Bytes): void {
    this.#stepsLeft = Number.POSITIVE_INFINITY
    if (names === 'all-lost') this.#names = new Map(this.#durable)
    if (names === 'only-removals-kept') {
      this.#names = new Map([...this.#durable].filter(([name]) => !this.#removed.has(name)))
    }
    for (const content of this.#names.values()) {
      if (bytes === 'lost') content.bytes = content.bytes.subarray(0, content.syncedBytes)
      if (bytes === 'garbage') content.bytes.fill(0, content.syncedBytes)
      content.syncedBytes = content.bytes.length
    }
    this.#durable = new Map(this.#names)
    this.#removed.clear()
  }

  #step(): void {
    if (this.#stepsLeft-- <= 0) throw Object.assign(new Error('the power is gone'), { syscall: 'power' })
    this.steps += 1
  }

  async makeFolder(): Promise<void> {
    this.#step()
  }

  async list(): Promise<string[]> {
    this.#step()
    return [...this.#names.keys()]
  }

  async create(path: string): Promise<NewFile> {
    this.#step()
    const content: Content = { bytes: Buffer.alloc(0), syncedBytes: 0 }
    this.#names.set(basename(path), content)
    return {
      append: async (bytes) => {
        this.#step()
        content.bytes = Buffer.concat([content.bytes, bytes])
      },
      sync: async () => {
        this.#step()
        content.syncedBytes = content.bytes.length
      },
      close: async () => this.#step(),
    }
  }

  async open(path: string): Promise<OldFile> {
    const { bytes } = this.#names.get(basename(path)) as Content
    return {
      sizeBytes: bytes.length,
      read: async (into, position) => bytes.copy(into, 0, position),
      close: async () => {},
    }
  }

  async rename(from: string, to: string): Promise<void> {
    this.#step()
    this.#names.set(basename(to), this.#names.get(basename(from)) as Content)
    this.#names.delete(basename(from))
  }

  async syncFolder(): Promise<void> {
    this.#step()
    this.#durable = new Map(this.#names)
    this.#removed.clear()
  }

  async remove(path: string): Promise<void> {
    this.#step()
    this.#names.delete(basename(path))
    this.#removed.add(basename(path))
  }
}
