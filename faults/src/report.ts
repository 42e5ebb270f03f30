import type { RoundResult } from './round.ts'

/** Most violations that are told in words. */
const TOLD_VIOLATIONS = 20

/** The rounds' invariants as one table, and what was violated in words. */
export function renderReport(rounds: readonly RoundResult[]): string {
  const sum = (of: (round: RoundResult) => number) => rounds.reduce((total, round) => total + of(round), 0)
  const numbers = (of: (numbers: RoundResult['findings']['numbers']) => number) =>
    sum((round) => of(round.findings.numbers))
  const seconds = rounds
    .flatMap(({ injected }) => injected.map((one) => one.recoverySeconds ?? Number.POSITIVE_INFINITY))
    .sort((a, b) => a - b)
  const percentile = (share: number) =>
    (seconds[Math.min(seconds.length - 1, Math.floor(seconds.length * share))] ?? 0).toFixed(1)
  const violations = rounds.flatMap(({ seed, violations: told }) => told.map((v) => `seed ${seed}: ${v}`))
  const rows: [string, string | number][] = [
    ['faults injected', seconds.length],
    [
      'inputs → events of returns',
      `${numbers((n) => n.inputs)} → ${numbers((n) => n.events)} of ${numbers((n) => n.returns)}`,
    ],
    [
      'waiting for an order · dead letters',
      `${numbers((n) => n.waiting)} · ${numbers((n) => n.deadLetters)}`,
    ],
    ['I1 lost', numbers((n) => n.lost)],
    ['I2 duplicated', numbers((n) => n.duplicated)],
    ['I3 phantom', numbers((n) => n.phantom)],
    ['I4 wrong', numbers((n) => n.wrong)],
    ['I4 money', renderMoney(rounds)],
    ['I5 out of order', numbers((n) => n.order)],
    ['I6 unaccounted inputs', numbers((n) => n.unaccounted)],
    ['I7 recovery seconds p50 · p99', `${percentile(0.5)} · ${percentile(0.99)}`],
    ['reconcilers that ended unasked', sum((round) => round.unaskedStops.length)],
    ['violations', violations.length],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  const table = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)
  const told = violations.slice(0, TOLD_VIOLATIONS).map((violation) => `  ✗ ${violation}`)
  return [...table, ...told].join('\n')
}

function renderMoney(rounds: readonly RoundResult[]): string {
  const byCurrency = new Map<string, number>()
  for (const { findings } of rounds) {
    for (const [currency, minor] of Object.entries(findings.numbers.money)) {
      byCurrency.set(currency, (byCurrency.get(currency) ?? 0) + Math.abs(minor))
    }
  }
  return [...byCurrency].map(([currency, minor]) => `${currency} ${minor}`).join(', ') || 'none'
}
