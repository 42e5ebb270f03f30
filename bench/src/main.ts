import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Bench, Size } from './bench.ts'
import { consume } from './benches/consume.ts'
import { eosCost } from './benches/eos-cost.ts'
import { growth } from './benches/growth.ts'
import { latency } from './benches/latency.ts'
import { parse } from './benches/parse.ts'
import { produce, transact } from './benches/produce.ts'
import { profile } from './benches/profile.ts'
import { reconcile } from './benches/reconcile.ts'
import { restart } from './benches/restart.ts'
import { scale } from './benches/scale.ts'
import { compareWithPeer } from './comparison/compare.ts'
import { describeEnvironment } from './environment.ts'
import { runPipelineAlone } from './pipeline-alone.ts'
import { toReport, toTable } from './report.ts'
import { runInterleaved } from './rounds.ts'
import { BENCH_FOLDER, type Servers, startServers } from './servers.ts'

// `npm run bench -- <name> [--runs n] [--records n]`; `compare` for the comparison of the outputs alone; `alone` for the
// pipeline without a broker; `all` for every
// bench in its default size, one after the other, `all --quick` to see that they work.
const benches: readonly Bench[] = [
  produce,
  transact,
  consume,
  reconcile,
  eosCost,
  latency,
  profile,
  scale,
  growth,
  restart,
  parse,
]
const RESULTS = join(BENCH_FOLDER, 'results')

/** Rows of `alone`, where none are given. */
const ALONE_ROWS = 60_000

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

const tell = (line: string) => console.error(line)

try {
  await main(process.argv.slice(2))
} catch (error) {
  tell((error as Error).message)
  process.exitCode = 1
}

async function main(args: string[]): Promise<void> {
  const text = { type: 'string' } as const
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { runs: text, records: text, quick: { type: 'boolean', default: false } },
  })
  const name = positionals[0] ?? ''
  if (name === 'compare') return withServers(compare)
  if (name === 'alone') return console.log(await runPipelineAlone(Number(values.records ?? ALONE_ROWS)))
  if (name === 'all') return runAll(values.quick)
  const bench = benches.find((b) => b.name === name)
  if (!bench)
    throw new Error(`Say one of: ${[...benches.map((b) => b.name), 'compare', 'alone', 'all'].join(', ')}`)
  console.log(await measure(bench, sizeOf(bench, values)))
}

/** One bench that fails does not stop the others. */
async function runAll(quick: boolean): Promise<void> {
  const tables: string[] = []
  for (const bench of benches) {
    tell(`\n${bench.name}`)
    try {
      tables.push(await measure(bench, quick ? quickSize(bench) : bench.size))
    } catch (error) {
      process.exitCode = 1
      tables.push(`${bench.name}: failed. ${(error as Error).message}`)
    }
  }
  console.log(tables.join('\n\n'))
  write(`all-${stamp(new Date().toISOString())}.md`, `${tables.join('\n\n')}\n`)
}

/** Says nothing of speed. */
function quickSize({ size }: Bench): Size {
  return { runs: 1, records: size.records / 20 }
}

/** @returns Its table. */
function measure(bench: Bench, size: Size): Promise<string> {
  return withServers(async (servers) => {
    const environment = describeEnvironment()
    const prepared = await bench.prepare(servers, size)
    const samples = await runInterleaved(prepared.contenders, size.runs, tell).finally(() =>
      prepared.close?.(),
    )
    const [refusal, note] = [prepared.refusal?.(samples), prepared.note?.(samples)]
    const report = toReport(bench, size, environment, samples, refusal, note)
    write(`${bench.name}-${stamp(report.at)}.json`, `${JSON.stringify(report, null, 2)}\n`)
    return toTable(report)
  })
}

/** Servers of its own for each bench: none finds the topics of another. */
async function withServers<T>(call: (servers: Servers) => Promise<T>): Promise<T> {
  const servers = await startServers(tell)
  const stop = stopOnSignal(servers)
  try {
    return await call(servers)
  } finally {
    await stop()
  }
}

function stamp(at: string): string {
  return at.replaceAll(/[:.]/g, '-')
}

function write(name: string, text: string): void {
  mkdirSync(RESULTS, { recursive: true })
  writeFileSync(join(RESULTS, name), text)
  tell(`Written to ${join(RESULTS, name)}`)
}

async function compare(servers: Servers): Promise<void> {
  const { inputs, events, deadLetters, differences } = await compareWithPeer(servers, tell)
  console.log(
    `${inputs} inputs, ${events} events, ${deadLetters} dead letters, ${differences.length} differences`,
  )
  for (const difference of differences) console.log(`  ${difference}`)
  if (differences.length > 0) process.exitCode = 1
}

function sizeOf({ size }: Bench, given: { runs?: string; records?: string }): Size {
  const number = (option: keyof Size): number => {
    const value = Number(given[option] ?? size[option])
    if (!Number.isInteger(value) || value < 1) throw new Error(`--${option} must be a whole number from 1`)
    return value
  }
  return { runs: number('runs'), records: number('records') }
}

/** Ctrl-C leaves no server behind. @returns Stops the servers, once, and the watch for signals. */
function stopOnSignal(servers: Servers): () => Promise<void> {
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= servers.stop()
    return stopping
  }
  const stopAndExit = () => void stop().then(() => process.exit(1))
  for (const signal of SIGNALS) process.once(signal, stopAndExit)
  return () => {
    for (const signal of SIGNALS) process.off(signal, stopAndExit)
    return stop()
  }
}
