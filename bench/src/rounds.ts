import type { Contender, Sample } from './bench.ts'

/** Samples by contender, in the order of the runs. */
export type Samples = ReadonlyMap<string, readonly Sample[]>

/**
 * Runs all contenders in turn, round after round, so that a machine that slows down slows all of them. Every round begins
 * with another one.
 */
export async function runInterleaved(
  contenders: readonly Contender[],
  runs: number,
  tell: (line: string) => void,
): Promise<Samples> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round < runs; round++) {
    const first = round % contenders.length
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      const sample = await contender.run()
      samples.get(contender.name)?.push(sample)
      tell(`run ${round + 1}/${runs}  ${contender.name}  ${inWords(sample)}`)
    }
  }
  return samples
}

const inWords = (sample: Sample) =>
  Object.entries(sample)
    .map(([metric, value]) => `${metric} ${rounded(value)}`)
    .join('  ')

/** Three significant digits below a thousand, none behind the point above. */
export const rounded = (value: number): string =>
  Math.abs(value) >= 1_000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))
