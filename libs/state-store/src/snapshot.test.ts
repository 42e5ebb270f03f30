import {
  appendFile,
  copyFile,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { disk } from './disk.ts'
import { readSnapshot, type Wanted } from './read-snapshot.ts'
import type { SnapshotMeta } from './snapshot-format.ts'
import { StateTable } from './state-table.ts'
import { writeSnapshot } from './write-snapshot.ts'

const options = { limitBytes: 2 ** 20, slabBytes: 1024 }
const changelog = { topic: 'orders.state.v1', partition: 3 }
const TAKEN_AT_MS = Date.UTC(2026, 0, 15)
const wanted: Wanted = { stateVersion: 7, changelog, takenAfterMs: TAKEN_AT_MS }
const metaAt = (nextOffset: bigint): SnapshotMeta => ({
  stateVersion: 7,
  changelog: { ...changelog, nextOffset },
  inputs: { 'rows.v1': 2n ** 53n + 1n, 'orders.v1': 12n },
  takenAtMs: TAKEN_AT_MS,
})

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'state-store-test-'))
})
afterEach(() => rm(folder, { recursive: true }))

const pathOf = (number: number) => join(folder, `${String(number).padStart(10, '0')}.snapshot`)
const contentsOf = (table: StateTable) =>
  new Map([...table.entries()].map(([key, value]) => [key.toString(), value.toString()]))
const read = (of: Partial<Wanted> = {}) => readSnapshot(folder, { ...wanted, ...of }, options)

/** A table that has seen updates, deletes and cleaning. */
function tableOf(mark: string): { table: StateTable; model: Map<string, string> } {
  const table = new StateTable(options)
  const model = new Map<string, string>()
  for (let i = 0; i < 400; i++) {
    const key = `order-${(i * 31) % 60}`
    const value = `${mark}-${i}`.padEnd((i * 13) % 90, '.')
    table.put(key, Buffer.from(value))
    model.set(key, value)
    if (i % 7 === 0) {
      const gone = `order-${(i * 17) % 60}`
      table.delete(gone)
      model.delete(gone)
    }
  }
  return { table, model }
}

/** Snapshot 1 of one table, then snapshot 2 of another. */
async function twoSnapshots() {
  const older = tableOf('older')
  const newer = tableOf('newer')
  await writeSnapshot(folder, older.table, metaAt(100n))
  await writeSnapshot(folder, newer.table, metaAt(200n))
  return { older: older.model, newer: newer.model }
}

describe('S5: a snapshot is the table as of one moment', () => {
  test('S5: what is written is read back, with its offsets, and the table goes on from there', async () => {
    const { table, model } = tableOf('a')
    const { path, bytes } = await writeSnapshot(folder, table, metaAt(100n))
    expect((await readFile(path)).length).toBe(bytes)
    const { snapshot, refused } = await read()
    expect(refused).toEqual([])
    expect(snapshot?.path).toBe(path)
    expect(snapshot?.meta).toEqual(metaAt(100n))
    const restored = snapshot?.table as StateTable
    expect(contentsOf(restored)).toEqual(model)
    expect(restored.size).toBe(table.size)
    expect(restored.deadShare).toBe(table.deadShare)
    for (let i = 0; i < 2000; i++) {
      restored.put(`order-${i % 70}`, Buffer.from(`again-${i}`))
      model.set(`order-${i % 70}`, `again-${i}`)
    }
    expect(contentsOf(restored)).toEqual(model)
  })

  test('S5: after any operations, at any point of cleaning, a restored table equals the one it was', async () => {
    const operation = fc.record({
      key: fc.integer({ min: 0, max: 25 }),
      bytes: fc.option(fc.integer({ min: 0, max: 250 })),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 400, size: 'max' }), async (operations) => {
        const table = new StateTable(options)
        for (const [i, { key, bytes }] of operations.entries()) {
          if (bytes === null) table.delete(String(key))
          else table.put(String(key), Buffer.alloc(bytes, i))
        }
        await writeSnapshot(folder, table, metaAt(1n))
        const { snapshot } = await read()
        expect(contentsOf(snapshot?.table as StateTable)).toEqual(contentsOf(table))
      }),
      { numRuns: 60 },
    )
  })

  test('S5: changes made while it is written are not in it', async () => {
    const { table, model } = tableOf('before')
    const writing = writeSnapshot(folder, table, metaAt(100n), {
      ...disk,
      async create(path) {
        const file = await disk.create(path)
        return {
          ...file,
          async append(bytes) {
            for (let i = 0; i < 50; i++) table.put(`order-${i}`, Buffer.from('after'))
            table.delete('order-1')
            await file.append(bytes)
          },
        }
      },
    })
    table.put('order-2', Buffer.from('after'))
    await writing
    expect(table.get('order-3')?.toString()).toBe('after')
    expect(contentsOf((await read()).snapshot?.table as StateTable)).toEqual(model)
  })

  test('S5: a slab that is written in several pieces is read back', async () => {
    const large = { limitBytes: 2 ** 26, slabBytes: 2 ** 24 }
    const table = new StateTable(large)
    for (let i = 0; i < 50_000; i++) table.put(`order-${i}`, Buffer.alloc(200, i))
    expect(table.freeze().slabs[0]?.length).toBeGreaterThan(10_000_000)
    await writeSnapshot(folder, table, metaAt(1n))
    const { snapshot, refused } = await readSnapshot(folder, wanted, large)
    expect(refused).toEqual([])
    expect(snapshot?.table.get('order-49999')).toEqual(Buffer.alloc(200, 49_999))
  })

  test('S5: an empty table is a snapshot too', async () => {
    await writeSnapshot(folder, new StateTable(options), metaAt(0n))
    expect((await read()).snapshot?.table.size).toBe(0)
  })

  test('S5: two are kept, the newest is read', async () => {
    await twoSnapshots()
    const { table, model } = tableOf('third')
    await writeSnapshot(folder, table, metaAt(300n))
    expect((await readdir(folder)).sort()).toEqual(['0000000002.snapshot', '0000000003.snapshot'])
    expect(contentsOf((await read()).snapshot?.table as StateTable)).toEqual(model)
  })

  test('S5: no folder, no snapshot, no complaint', async () => {
    expect(await readSnapshot(join(folder, 'none'), wanted, options)).toEqual({ snapshot: null, refused: [] })
  })
})

describe('S6: a damaged snapshot is told and not used; the older one is', () => {
  test('S6: any byte changed', async () => {
    const { older } = await twoSnapshots()
    const whole = await readFile(pathOf(2))
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: whole.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        fc.integer({ min: 1, max: 64 }),
        async (at, flip, length) => {
          const damaged = Buffer.from(whole)
          for (let i = at; i < Math.min(at + length, damaged.length); i++)
            damaged[i] = (damaged[i] ?? 0) ^ flip
          await writeFile(pathOf(2), damaged)
          const { snapshot, refused } = await read()
          expect(refused.map(({ path, fault }) => [path, fault.code])).toEqual([
            [pathOf(2), 'SNAPSHOT_CORRUPT'],
          ])
          expect(contentsOf(snapshot?.table as StateTable)).toEqual(older)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('S6: each byte of the contents and the trailer changed', async () => {
    await twoSnapshots()
    const whole = await readFile(pathOf(2))
    const contentsAt = whole.lastIndexOf('{"formatVersion"')
    expect(contentsAt).toBeGreaterThan(0)
    for (let at = contentsAt; at < whole.length; at++) {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] ?? 0) ^ 1
      await writeFile(pathOf(2), damaged)
      expect((await read()).refused.map(({ fault }) => fault.code)).toEqual(['SNAPSHOT_CORRUPT'])
    }
  })

  test('S6: cut short anywhere, or with something behind it', async () => {
    const { older } = await twoSnapshots()
    const whole = await readFile(pathOf(2))
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), async (length) => {
        await writeFile(pathOf(2), whole)
        await truncate(pathOf(2), length)
        const { snapshot, refused } = await read()
        expect(refused[0]?.fault.code).toBe('SNAPSHOT_CORRUPT')
        expect(contentsOf(snapshot?.table as StateTable)).toEqual(older)
      }),
      { numRuns: 200 },
    )
    await writeFile(pathOf(2), whole)
    await appendFile(pathOf(2), '\0')
    expect((await read()).refused[0]?.fault.code).toBe('SNAPSHOT_CORRUPT')
    await writeFile(pathOf(2), whole.subarray(1))
    expect((await read()).refused[0]?.fault.message).toContain('its contents tell of')
  })

  test('S6: both damaged gives null, with both reasons', async () => {
    await twoSnapshots()
    await truncate(pathOf(1), 500)
    await truncate(pathOf(2), 0)
    const { snapshot, refused } = await read()
    expect(snapshot).toBeNull()
    expect(refused.map(({ path }) => path)).toEqual([pathOf(2), pathOf(1)])
    expect(refused[0]?.fault.message).toBe(
      `Snapshot ${pathOf(2)} is not used: it does not end as a snapshot ends: it is cut short or something else`,
    )
  })

  test('S6: slabs of one snapshot under the contents of another', async () => {
    await twoSnapshots()
    const [one, two] = [await readFile(pathOf(1)), await readFile(pathOf(2))]
    await writeFile(pathOf(2), Buffer.concat([one.subarray(0, 1000), two.subarray(1000)]))
    expect((await read()).refused[0]?.fault.message).toContain('it has a slab 0 that fails its CRC32C')
  })

  test('S6: what cannot be opened is told as such', async () => {
    await twoSnapshots()
    const failing = {
      ...disk,
      open: (path: string) =>
        path === pathOf(2)
          ? Promise.reject(Object.assign(new Error('EIO: i/o error, open'), { syscall: 'open' }))
          : disk.open(path),
    }
    const { snapshot, refused } = await readSnapshot(folder, wanted, options, failing)
    expect(refused[0]?.fault.code).toBe('SNAPSHOT_UNREADABLE')
    expect(snapshot?.path).toBe(pathOf(1))
  })

  test('S6: a bug while reading is no damage: it stops', async () => {
    await twoSnapshots()
    const broken = { ...disk, open: () => Promise.reject(new TypeError('not a function')) }
    await expect(readSnapshot(folder, wanted, options, broken)).rejects.toThrow(TypeError)
  })
})

describe('S7: a whole snapshot of something else is told and not used', () => {
  test.each<[string, Partial<Wanted>, string, RegExp]>([
    [
      'another partition',
      { changelog: { ...changelog, partition: 4 } },
      'SNAPSHOT_FOREIGN',
      /it is of orders\.state\.v1\/3, not orders\.state\.v1\/4/,
    ],
    ['another topic', { changelog: { ...changelog, topic: 'other' } }, 'SNAPSHOT_FOREIGN', /not other\/3/],
    ['another state version', { stateVersion: 8 }, 'SNAPSHOT_OF_OTHER_VERSION', /state version 7.*reads 8/],
    [
      'a time before deletes are known',
      { takenAfterMs: TAKEN_AT_MS + 1 },
      'SNAPSHOT_TOO_OLD',
      /2026-01-15T00:00:00\.000Z/,
    ],
  ])('S7: %s', async (_, of, code, message) => {
    await twoSnapshots()
    const { snapshot, refused } = await read(of)
    expect(snapshot).toBeNull()
    expect(refused.map(({ fault }) => fault.code)).toEqual([code, code])
    expect(refused[0]?.fault.message).toMatch(message)
  })

  test('S7: files swapped or copied under another name', async () => {
    const { older } = await twoSnapshots()
    await copyFile(pathOf(1), pathOf(9))
    const { snapshot, refused } = await read()
    expect(refused[0]?.fault.message).toContain('it was written as 0000000001.snapshot: files were swapped')
    expect(snapshot?.path).toBe(pathOf(2))
    await rm(pathOf(9))
    await rename(pathOf(2), join(folder, 'other'))
    await rename(pathOf(1), pathOf(2))
    await rename(join(folder, 'other'), pathOf(1))
    expect((await read()).refused).toHaveLength(2)
    await rm(pathOf(2))
    await writeSnapshot(folder, tableOf('older').table, metaAt(1n))
    expect(contentsOf((await read()).snapshot?.table as StateTable)).toEqual(older)
  })

  test('S7: another slab size, and a limit that is now too low', async () => {
    await twoSnapshots()
    const larger = await readSnapshot(folder, wanted, { ...options, slabBytes: 2048 })
    expect(larger.refused.map(({ fault }) => fault.code)).toEqual(Array(2).fill('SNAPSHOT_OF_OTHER_VERSION'))
    const lower = await readSnapshot(folder, wanted, { ...options, limitBytes: 20 * 1024 })
    expect(lower.refused.map(({ fault }) => fault.code)).toEqual(Array(2).fill('STATE_TOO_LARGE'))
    expect(lower.snapshot).toBeNull()
  })

  test('S7: the layout of version 1 is what it was; whoever changes it raises FORMAT_VERSION', async () => {
    const table = new StateTable(options)
    table.put('order-1', Buffer.from('first'))
    table.put(Buffer.from('注文'), Buffer.from('second'))
    table.delete('order-1')
    const [slab] = table.freeze().slabs
    expect(Buffer.from(slab as Uint8Array).toString('hex')).toMatchInlineSnapshot(
      `"000000009c5a009205000000070000006f726465722d316669727374e2ef5e6b0600000006000000e6b3a8e696877365636f6e649c5a0092ffffffff070000006f726465722d3100"`,
    )
  })
})

describe('a disk that fails', () => {
  test('S5: a full disk is a retryable fault; nothing is left over and the older snapshot stands', async () => {
    const { table, model } = tableOf('a')
    await writeSnapshot(folder, table, metaAt(1n))
    const full = {
      ...disk,
      async create(path: string) {
        const file = await disk.create(path)
        const refuse = () =>
          Promise.reject(
            Object.assign(new Error('ENOSPC: no space left on device, write'), { syscall: 'write' }),
          )
        return { ...file, append: refuse }
      },
    }
    await expect(writeSnapshot(folder, table, metaAt(2n), full)).rejects.toMatchObject({
      code: 'SNAPSHOT_UNWRITABLE',
      retryable: true,
      message: `No snapshot could be written to ${folder}: ENOSPC: no space left on device, write`,
    })
    expect(await readdir(folder)).toEqual(['0000000001.snapshot'])
    expect(contentsOf((await read()).snapshot?.table as StateTable)).toEqual(model)
  })

  test('S5: a bug while writing is not taken for a full disk', async () => {
    const broken = { ...disk, create: () => Promise.reject(new TypeError('not a function')) }
    await expect(writeSnapshot(folder, tableOf('a').table, metaAt(1n), broken)).rejects.toThrow(TypeError)
  })
})
