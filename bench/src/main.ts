import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Bench, Size } from './bench.ts'
import { consume } from './benches/consume.ts'
import { latency } from './benches/latency.ts'
import { parse } from './benches/parse.ts'
import { produce, transact } from './benches/produce.ts'
import { reconcile } from './benches/reconcile.ts'
import { compareWithPeer } from './comparison/compare.ts'
import { describeEnvironment } from './environment.ts'
import { toReport, toTable } from './report.ts'
import { runInterleaved } from './rounds.ts'
import { BENCH_FOLDER, type Servers, startServers } from './servers.ts'

// `npm run bench -- <name> [--runs n] [--records n]`, or `compare` for the comparison of the outputs alone.
const benches: readonly Bench[] = [produce, transact, consume, reconcile, latency, parse]
const RESULTS = join(BENCH_FOLDER, 'results')

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
    options: { runs: text, records: text },
  })
  const name = positionals[0] ?? ''
  const bench = benches.find((b) => b.name === name)
  if (!bench && name !== 'compare') {
    throw new Error(`Say one of: ${[...benches.map((b) => b.name), 'compare'].join(', ')}`)
  }
  const servers = await startServers(tell)
  const environment = describeEnvironment()
  const stopped = stopOnSignal(servers)
  try {
    if (bench) await measure(bench, sizeOf(bench, values), servers)
    else await compare(servers)
  } finally {
    await stopped()
  }

  async function measure(chosen: Bench, size: Size, on: Servers): Promise<void> {
    const prepared = await chosen.prepare(on, size)
    const samples = await runInterleaved(prepared.contenders, size.runs, tell)
    prepared.close?.()
    const report = toReport(chosen, size, environment, samples, prepared.refusal?.(samples))
    const file = join(RESULTS, `${chosen.name}-${report.at.replaceAll(/[:.]/g, '-')}.json`)
    mkdirSync(RESULTS, { recursive: true })
    writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`)
    console.log(toTable(report))
    tell(`\nWritten to ${file}`)
  }
}

async function compare(servers: Servers): Promise<void> {
  const { inputs, events, deadLetters, differences } = await compareWithPeer(servers, tell)
  console.log(
    `${inputs} inputs, ${events} events, ${deadLetters} dead letters, ${differences.length} differences`,
  )
  for (const difference of differences) console.log(`  ${difference}`)
  if (differences.length > 0) process.exitCode = 1
}

function sizeOf({ size }: Bench, given: Partial<Record<keyof Size, string>>): Size {
  const number = (option: keyof Size): number => {
    const value = Number(given[option] ?? size[option])
    if (!Number.isInteger(value) || value < 1) throw new Error(`--${option} must be a whole number from 1`)
    return value
  }
  return { runs: number('runs'), records: number('records') }
}

/** Ctrl-C leaves no server behind. @returns Stops the servers, once. */
function stopOnSignal(servers: Servers): () => Promise<void> {
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= servers.stop()
    return stopping
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stop().then(() => process.exit(1)))
  }
  return stop
}
