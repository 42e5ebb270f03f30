/**
 * Compares the table with a Map, each run in its own process, the contenders in turn:
 * `node libs/state-store/bench/state-store.ts [keys] [runs]`. Prints medians, and ratios to the Map.
 */
import { execFileSync } from 'node:child_process'
import { type ContenderName, names } from './contenders.ts'

type Figures = Readonly<Record<string, number>>

const keys = Number(process.argv[2] ?? 2_000_000)
const runs = Number(process.argv[3] ?? 3)
const [reference] = names as [ContenderName]

const rows: readonly (readonly [figure: string, label: string, unit: string, per: number])[] = [
  ['load', 'load', 'k/s', 1000],
  ['get', 'get', 'k/s', 1000],
  ['update', 'update', 'k/s', 1000],
  ['rssMb', 'memory after load', 'MB', 1],
  ['p9999Micros', 'put, 99.99 %', 'µs', 1],
  ['longestMicros', 'put, longest', 'µs', 1],
  ['rssUpdatedMb', 'memory after 2.5 M updates', 'MB', 1],
  ['tableMb', 'memoryBytes after load', 'MB', 1],
  ['snapshotMb', 'snapshot', 'MB', 1],
  ['writeSeconds', 'snapshot, write and fsync', 's', 1],
  ['writeStallMs', 'longest pause of other work meanwhile', 'ms', 1],
  ['restored', 'restore', 'k/s', 1000],
  ['restoreStallMs', 'longest pause of other work meanwhile', 'ms', 1],
]

const measured = new Map<ContenderName, Figures[]>(names.map((name) => [name, []]))
for (let run = 0; run < runs; run++) {
  for (const name of names) measured.get(name)?.push(measure(name))
}

print(['', ...names])
print(['---', ...names.map(() => '---:')])
for (const [figure, label, unit, per] of rows) {
  const base = median(reference, figure)
  print([
    `${label}, ${unit}`,
    ...names.map((name) => {
      const value = median(name, figure)
      if (value === undefined) return '–'
      const ratio = base === undefined || name === reference ? '' : ` (${(value / base).toFixed(2)}×)`
      const shown = value / per
      return `${shown < 10 ? shown.toFixed(1) : Math.round(shown)}${ratio}`
    }),
  ])
}

function measure(name: ContenderName): Figures {
  const script = new URL('measure.ts', import.meta.url).pathname
  const args = ['--expose-gc', '--max-old-space-size=8192', script, name, String(keys)]
  const figures: Figures = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
  if (figures.missing !== 0) throw new Error(`${name} lost ${figures.missing} keys`)
  return figures
}

function median(name: ContenderName, figure: string): number | undefined {
  const values = (measured.get(name) ?? [])
    .map((figures) => figures[figure])
    .filter((value) => value !== undefined)
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]
}

function print(cells: readonly string[]): void {
  process.stdout.write(`| ${cells.join(' | ')} |\n`)
}
