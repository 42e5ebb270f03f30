import type { Bench, Size } from './bench.ts'
import type { Environment } from './environment.ts'
import { rounded, type Samples } from './rounds.ts'
import { type Summary, summarise } from './statistics.ts'

/** Everything a run of a bench found, as its JSON file holds it. */
export interface Report {
  readonly bench: string
  readonly compares: string
  readonly goal: string
  readonly at: string
  readonly size: Size
  readonly environment: Environment
  readonly contenders: Readonly<Record<string, Readonly<Record<string, Summary>>>>
  /** The first contender against each other one, by metric, the bench's own first: above 1 it is the better one. */
  readonly ratios: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Why there are no ratios. */
  readonly refusal: string | null
  /** What the figures do not say by themselves, as Markdown. */
  readonly note: string | null
  readonly samples: Readonly<Record<string, readonly Readonly<Record<string, number>>[]>>
}

/** Sums up the samples of a bench. No ratio is made where the bench refuses it. */
export function toReport(
  { name, compares, goal, metric, better, alsoCompared = [] }: Bench,
  size: Size,
  environment: Environment,
  samples: Samples,
  refusal: string | undefined,
  note: string | undefined,
): Report {
  const contenders = Object.fromEntries(
    [...samples].map(([contender, runs]) => {
      const metrics = Object.keys(runs[0] ?? {})
      return [
        contender,
        Object.fromEntries(metrics.map((m) => [m, summarise(runs.map((r) => r[m] ?? Number.NaN))])),
      ]
    }),
  )
  const [first, ...others] = [...samples.keys()]
  const ratiosTo = (other: string) =>
    Object.fromEntries(
      [{ metric, better }, ...alsoCompared].map((compared) => {
        const of = (contender: string | undefined) =>
          contenders[contender ?? '']?.[compared.metric]?.median ?? Number.NaN
        const [above, below] = compared.better === 'higher' ? [first, other] : [other, first]
        return [compared.metric, of(above) / of(below)]
      }),
    )
  return {
    bench: name,
    compares,
    goal,
    at: new Date().toISOString(),
    size,
    environment,
    contenders,
    ratios: refusal === undefined ? Object.fromEntries(others.map((other) => [other, ratiosTo(other)])) : {},
    refusal: refusal ?? null,
    note: note ?? null,
    samples: Object.fromEntries(samples),
  }
}

/** The report as a Markdown table: medians, and the spread in brackets. */
export function toTable({
  bench,
  compares,
  goal,
  environment,
  contenders,
  ratios,
  refusal,
  note,
  size,
}: Report): string {
  const metrics = [...new Set(Object.values(contenders).flatMap((c) => Object.keys(c)))]
  const compared = [...new Set(Object.values(ratios).flatMap((ratio) => Object.keys(ratio)))]
  const rows = Object.entries(contenders).map(([contender, measured]) => [
    contender,
    ...metrics.map((metric) => {
      const told = measured[metric]
      return told ? spread(told) : ''
    }),
    ...compared.map((metric) => {
      const ratio = ratios[contender]?.[metric]
      return ratio === undefined || Number.isNaN(ratio) ? '' : `${ratio.toFixed(2)}×`
    }),
  ])
  const head = ['contender', ...metrics, ...compared.map((metric) => `ratio of ${metric}`)]
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    `${bench}: ${compares}. Goal: ${goal}.`,
    `${size.runs === 1 ? 'One run' : `Medians of ${size.runs} interleaved runs [min – max]`}; ${size.records.toLocaleString('en')} records; ${environment.cpu}, ${environment.cores} cores, Node ${environment.node}, commit ${environment.commit}, load ${environment.load} at the start.`,
    '',
    line(head),
    line(head.map(() => '---')),
    ...rows.map(line),
    ...(refusal === null ? [] : ['', `No ratio: ${refusal}`]),
    ...(note === null ? [] : ['', note]),
  ].join('\n')
}

function spread({ median, min, max }: Summary): string {
  return min === max ? rounded(median) : `${rounded(median)} [${rounded(min)} – ${rounded(max)}]`
}
