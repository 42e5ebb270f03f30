import type { FaultKind } from './faults/fault.ts'
import type { RoundResult } from './round.ts'
import type { Numbers } from './verifier/findings.ts'

/** Most violations that are told in words. */
const TOLD_VIOLATIONS = 20

interface Recoveries {
  readonly faults: number
  readonly failed: number
  /** Seconds; null where none recovered. */
  readonly p50: number | null
  readonly p99: number | null
}

/** What a run has found, for the table and for the file beside it. */
export interface Report {
  readonly seconds: number
  readonly rounds: number
  readonly all: Recoveries
  readonly byKind: Readonly<Partial<Record<FaultKind, Recoveries>>>
  /** With no violation in n faults: the share of faults that violate is below this with 95 % certainty. */
  readonly bound: number | null
  readonly numbers: Numbers
  readonly unaskedStops: number
  /** Each with the seed of its round. */
  readonly violations: readonly string[]
}

export function reportOf(rounds: readonly RoundResult[], seconds: number): Report {
  const injected = rounds.flatMap((round) => round.injected)
  const sum = (of: (numbers: Numbers) => number) =>
    rounds.reduce((total, { findings }) => total + of(findings.numbers), 0)
  const violations = rounds.flatMap(({ plan, violations: told }) =>
    told.map((v) => `seed ${plan.seed}: ${v}`),
  )
  const byKind = Object.entries(Object.groupBy(injected, ({ kind }) => kind))
  return {
    seconds,
    rounds: rounds.length,
    all: recoveriesOf(injected),
    byKind: Object.fromEntries(byKind.map(([kind, ones]) => [kind, recoveriesOf(ones)])),
    bound: violations.length === 0 && injected.length > 0 ? 3 / injected.length : null,
    numbers: {
      inputs: sum((n) => n.inputs),
      events: sum((n) => n.events),
      returns: sum((n) => n.returns),
      waiting: sum((n) => n.waiting),
      deadLetters: sum((n) => n.deadLetters),
      lost: sum((n) => n.lost),
      duplicated: sum((n) => n.duplicated),
      phantom: sum((n) => n.phantom),
      wrong: sum((n) => n.wrong),
      money: moneyOf(rounds),
      order: sum((n) => n.order),
      unaccounted: sum((n) => Math.abs(n.unaccounted)),
    },
    unaskedStops: rounds.reduce((total, { unaskedStops }) => total + unaskedStops.length, 0),
    violations,
  }
}

function recoveriesOf(injected: RoundResult['injected']): Recoveries {
  const seconds = injected.flatMap(({ recoverySeconds }) => recoverySeconds ?? []).sort((a, b) => a - b)
  const at = (share: number) =>
    seconds[Math.min(seconds.length - 1, Math.floor(seconds.length * share))] ?? null
  const failed = injected.filter(({ failure }) => failure !== null).length
  return { faults: injected.length, failed, p50: at(0.5), p99: at(0.99) }
}

/** Minor units too many or too few, by currency; rounds do not make up for each other. */
function moneyOf(rounds: readonly RoundResult[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { findings } of rounds) {
    for (const [currency, minor] of Object.entries(findings.numbers.money)) {
      sums[currency] = (sums[currency] ?? 0) + Math.abs(minor)
    }
  }
  return sums
}

/** The run's invariants as one table, and what was violated in words. */
export function renderReport(rounds: readonly RoundResult[], seconds: number): string {
  const { all, byKind, bound, numbers, unaskedStops, violations, ...run } = reportOf(rounds, seconds)
  const { inputs, events, returns, waiting, deadLetters } = numbers
  const money = Object.entries(numbers.money).map(([currency, minor]) => `${currency} ${minor}`)
  const invariants: [string, string | number][] = [
    ['faults · rounds · minutes', `${all.faults} · ${run.rounds} · ${(run.seconds / 60).toFixed(1)}`],
    ['inputs → events of returns', `${inputs} → ${events} of ${returns}`],
    ['waiting for an order · dead letters', `${waiting} · ${deadLetters}`],
    ['I1 lost', numbers.lost],
    ['I2 duplicated', numbers.duplicated],
    ['I3 phantom', numbers.phantom],
    ['I4 wrong', numbers.wrong],
    ['I4 money', money.join(', ') || 'none'],
    ['I5 out of order', numbers.order],
    ['I6 unaccounted inputs', numbers.unaccounted],
    ['I7 recovery seconds p50 · p99', `${inSeconds(all.p50)} · ${inSeconds(all.p99)}`],
    ['not recovered', all.failed],
    ['reconcilers that ended unasked', unaskedStops],
    ['violations', violations.length],
    ['a fault violates, at 95 %, in less than', bound === null ? '—' : `${(bound * 100).toFixed(2)} %`],
  ]
  const kinds = Object.entries(byKind)
    .sort(([, a], [, b]) => b.faults - a.faults)
    .map(([kind, { faults, failed, p50, p99 }]) => [
      kind,
      `${String(faults).padStart(4)}  ${String(failed).padStart(6)}  ${inSeconds(p50).padStart(5)}  ${inSeconds(p99).padStart(5)}`,
    ])
  return [
    ...table(invariants),
    '',
    ...table([['kind of fault', 'many  failed    p50    p99'], ...kinds] as [string, string][]),
    ...violations.slice(0, TOLD_VIOLATIONS).map((violation) => `  ✗ ${violation}`),
  ].join('\n')
}

function table(rows: readonly (readonly [string, string | number])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)
}

const inSeconds = (seconds: number | null): string => (seconds === null ? '—' : seconds.toFixed(1))
