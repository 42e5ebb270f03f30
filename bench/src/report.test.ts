import { expect, test } from 'vitest'
import type { Bench } from './bench.ts'
import { toReport, toTable } from './report.ts'

const size = { runs: 3, records: 1_000 }
const bench: Bench = {
  name: 'produce',
  compares: 'ours with theirs',
  metric: 'recordsPerSecond',
  better: 'higher',
  goal: '3×',
  size,
  prepare: () => Promise.reject(new Error('not run')),
}
const environment = {
  commit: 'c0ffee',
  cores: 2,
  cpu: 'a CPU',
  node: '24',
  load: 0,
  pinned: true,
  versions: {},
  platform: 'linux',
}
const samples = new Map([
  ['ours', [{ recordsPerSecond: 30 }, { recordsPerSecond: 60 }, { recordsPerSecond: 40 }]],
  ['theirs', [{ recordsPerSecond: 10 }, { recordsPerSecond: 20 }, { recordsPerSecond: 30 }]],
])

test('the ratio is that of the medians', () => {
  expect(toReport(bench, size, environment, samples, undefined, undefined).ratios).toEqual({
    theirs: { recordsPerSecond: 2 },
  })
})

test('where less is better, the ratio turns round', () => {
  const { ratios } = toReport({ ...bench, better: 'lower' }, size, environment, samples, undefined, undefined)
  expect(ratios).toEqual({ theirs: { recordsPerSecond: 0.5 } })
})

test('a refusal leaves no ratio, and the table says why', () => {
  const report = toReport(bench, size, environment, samples, 'the outputs differ', undefined)
  expect(report.ratios).toEqual({})
  expect(toTable(report)).toContain('No ratio: the outputs differ')
  expect(toTable(report)).not.toContain('×  |')
})

test('the table shows the median and the spread', () => {
  expect(toTable(toReport(bench, size, environment, samples, undefined, undefined))).toContain(
    '| ours | 40 [30 – 60] |',
  )
})
