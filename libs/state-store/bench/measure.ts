/** Measures one contender in this process and prints the figures as JSON: `node --expose-gc measure.ts <name> <keys>`. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { readSnapshot, type StateTable, writeSnapshot } from '../src/index.ts'
import { type ContenderName, contenders, LIMIT_BYTES } from './contenders.ts'

const VALUE_BYTES = 200
const GETS = 1_000_000
const PUTS = 500_000
const TIMED_PUTS = 2_000_000
const GOLDEN = 1_000_003
const OTHER = 7_368_787

const [name, count] = [process.argv[2] as ContenderName, Number(process.argv[3])]
const contender = contenders[name]()
const value = Buffer.alloc(VALUE_BYTES, 'x')
const key = Buffer.from('114-0000000-0000000')

/** 19 bytes as an order reference has them. */
function keyOf(i: number): Buffer {
  digits((i * 7919) % 10_000_000, 4)
  digits(i, 12)
  return key
}

function digits(number: number, at: number): void {
  let rest = number
  for (let i = at + 6; i >= at; i--) {
    key[i] = 48 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
}

/** Per second of this thread's processor time: other work on the machine does not count, nor the collector's helper threads. */
function perSecond(times: number, work: (i: number) => void): number {
  const began = process.threadCpuUsage()
  for (let i = 0; i < times; i++) work(i)
  const { user, system } = process.threadCpuUsage(began)
  return (times / (user + system)) * 1e6
}

function put(i: number): void {
  value.writeUInt32LE(i, 0)
  contender.put(keyOf(i), value)
}

const memory = () => {
  globalThis.gc?.()
  return process.memoryUsage().rss
}

const before = memory()
const load = perSecond(count, (i) => put((i * GOLDEN + 12_345) % count))
const rssMb = (memory() - before) / 1e6
let missing = 0
const get = perSecond(GETS, (i) => {
  if (contender.get(keyOf((i * OTHER + 11) % count)) === undefined) missing += 1
})
const snapshots = contender.table ? await snapshot(contender.table) : {}
const update = perSecond(PUTS, (i) => put((i * OTHER + 99) % count))

// Enough updates to go through the cleaner; the longest call includes what the garbage collector takes.
const micros = new Float64Array(TIMED_PUTS)
for (let i = 0; i < TIMED_PUTS; i++) {
  const began = performance.now()
  put((i * OTHER + 99) % count)
  micros[i] = (performance.now() - began) * 1000
}
micros.sort()
const figures = {
  load,
  get,
  update,
  rssMb,
  rssUpdatedMb: (memory() - before) / 1e6,
  p9999Micros: micros[Math.floor(TIMED_PUTS * 0.9999)],
  longestMicros: micros[TIMED_PUTS - 1],
  missing,
  ...snapshots,
}
process.stdout.write(JSON.stringify(figures))

async function snapshot(table: StateTable) {
  const folder = await mkdtemp(join(tmpdir(), 'state-store-bench-'))
  const changelog = { topic: 'bench', partition: 0 }
  const meta = { stateVersion: 1, changelog: { ...changelog, nextOffset: 0n }, inputs: {}, takenAtMs: 0 }
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const began = performance.now()
  const { bytes } = await writeSnapshot(folder, table, meta)
  const writeSeconds = (performance.now() - began) / 1000
  const writeStallMs = delay.max / 1e6
  delay.reset()
  const restoring = performance.now()
  const restored = await readSnapshot(
    folder,
    { stateVersion: 1, changelog, takenAfterMs: 0 },
    { limitBytes: LIMIT_BYTES },
  )
  const readSeconds = (performance.now() - restoring) / 1000
  delay.disable()
  await rm(folder, { recursive: true })
  if (restored.snapshot?.table.size !== table.size) throw new Error('the restored table differs')
  return {
    tableMb: table.memoryBytes / 1e6,
    snapshotMb: bytes / 1e6,
    writeSeconds,
    writeStallMs,
    restored: table.size / readSeconds,
    restoreStallMs: delay.max / 1e6,
  }
}
