import type { Bench, Sample } from '../bench.ts'
import { Join } from '../join/join.ts'
import type { Progress } from '../join/progress.ts'
import { microsPerRecord } from '../join/rate.ts'
import { backhaul } from '../reconcilers/backhaul.ts'
import { rounded } from '../rounds.ts'

/** Orders known where the cost of a record is first taken; in a small load, a tenth of them. */
const ORDERS_AT_FIRST = 100_000
const ROWS_PER_ORDER = 2.5
/** Around the first point, as a share of what is known there, to both sides; before the end, as a share of all. */
const WINDOW = 0.25
const STEPS = 10

/** The cost of a record as the state grows: one long run, compared with itself. */
export const growth: Bench = {
  name: 'growth',
  compares: `processor time of a record when ${ORDERS_AT_FIRST.toLocaleString('en')} orders are known, and at the end`,
  metric: 'timesTheCost',
  better: 'lower',
  goal: '≤ 1.3×',
  size: { runs: 1, records: 2_500_000 },
  async prepare(servers, { records }) {
    const join = await Join.prepare(servers, { prefix: 'growth.', rows: records })
    const kind = backhaul(servers, join.settingsUrl)
    let last: readonly Progress[] = []
    return {
      contenders: [
        {
          name: kind.name,
          async run() {
            const { steps, peakRssMiB } = await join.run(kind)
            last = steps
            return { ...toSample(steps, records), peakRssMiB }
          },
        },
      ],
      note: () => curve(last, records),
      close: () => join.close(),
    }
  },
}

function toSample(steps: readonly Progress[], rows: number): Sample {
  const inputs = steps.at(-1)?.inputs ?? 0
  const orders = rows / ROWS_PER_ORDER
  const first = inputs * Math.min(ORDERS_AT_FIRST / orders, 0.1)
  const atFirst = costBetween(steps, first * (1 - WINDOW), first * (1 + WINDOW))
  const atTheEnd = costBetween(steps, inputs * (1 - WINDOW), inputs)
  return {
    microsPerRecordAtFirst: atFirst,
    microsPerRecordAtTheEnd: atTheEnd,
    timesTheCost: atTheEnd / atFirst,
    orders,
  }
}

/** @throws Error when the load is too small to see two steps there. */
function costBetween(steps: readonly Progress[], from: number, to: number): number {
  const first = steps.find((step) => step.inputs >= from)
  const last = steps.findLast((step) => step.inputs <= to)
  if (!first || !last || last.inputs <= first.inputs)
    throw new Error('Too few records to see growth: give more by --records')
  return microsPerRecord(first, last)
}

/** The cost of a record in each tenth of the load. */
function curve(steps: readonly Progress[], rows: number): string {
  const inputs = steps.at(-1)?.inputs ?? 0
  const lines = Array.from({ length: STEPS }, (_, n) => {
    const orders = Math.round(((n + 1) / STEPS) * (rows / ROWS_PER_ORDER))
    const cost = costBetween(steps, (inputs * n) / STEPS, (inputs * (n + 1)) / STEPS)
    return `| ${orders.toLocaleString('en')} | ${rounded(cost)} |`
  })
  return ['| orders known | µs of processor per record |', '| --- | --- |', ...lines].join('\n')
}
