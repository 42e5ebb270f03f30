import type { Contender, Sample } from '../bench.ts'
import type { ReconcilerKind } from '../reconcilers/reconciler.ts'
import type { Join } from './join.ts'
import type { Progress } from './progress.ts'

/** The share of the inputs, the first ones, that does not count for anyone: compilers warm up. */
const WARM_UP = 0.25

/** A reconciler measured over a load. */
export const joinContender = (join: Join, kind: ReconcilerKind): Contender => ({
  name: kind.name,
  async run() {
    const { steps, peakRssMiB } = await join.run(kind)
    return { ...rateOf(steps), peakRssMiB }
  },
})

/**
 * The rate once the warm-up is over.
 *
 * @throws Error when there were too few records for a rate.
 */
export function rateOf(steps: readonly Progress[]): Sample {
  const first = steps.find((step) => step.outputs > 0)
  const last = steps.at(-1)
  const warm = last && steps.find((step) => step.inputs >= last.inputs * WARM_UP)
  if (!first || !warm || warm === last) throw new Error('Too few records for a rate: give more by --records')
  return {
    recordsPerSecond: (last.inputs - warm.inputs) / ((last.at - warm.at) / 1_000),
    cpuMicrosPerRecord: microsPerRecord(warm, last),
    secondsInAll: (last.at - first.at) / 1_000,
    outputs: last.outputs,
  }
}

/** Processor time of a record between two steps, in microseconds. */
export const microsPerRecord = (from: Progress, to: Progress): number =>
  ((to.cpuSeconds - from.cpuSeconds) / (to.inputs - from.inputs)) * 1_000_000
