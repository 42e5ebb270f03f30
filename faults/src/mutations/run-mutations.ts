import { join } from 'node:path'
import { faultNamed } from '../faults/catalogue.ts'
import { reconcilerMain } from '../program.ts'
import { type RoundResult, runRound } from '../round.ts'
import type { Servers } from '../stage/servers.ts'
import { mutatedCheckout } from './mutated-checkout.ts'
import { mutations } from './mutations.ts'

/**
 * Runs each mutated reconciler under its faults, and the checkout's own under the same ones. Prints a Markdown table.
 *
 * @param only Only mutations whose name holds these words.
 * @returns True when every mutation made an invariant fail, and nothing failed without it.
 */
export async function runMutations(servers: Servers, seed: number, only: string): Promise<boolean> {
  const rows: string[] = []
  let isClean = true
  for (const mutation of mutations.filter(({ name }) => name.includes(only))) {
    const faults = mutation.faults.map(faultNamed)
    const checkout = join(servers.folder, 'mutated')
    mutatedCheckout(mutation, checkout)
    const whole = await runRound({ servers, seed, faults, main: reconcilerMain() })
    const mutated = await runRound({ servers, seed, faults, main: reconcilerMain(checkout) })
    isClean &&= whole.violations.length === 0 && mutated.violations.length > 0
    const row = [mutation.name, mutation.faults.join('; '), failed(whole), failed(mutated)]
    console.log(`${mutation.name}: ${failed(mutated)}; first: ${mutated.violations[0] ?? 'none'}`)
    rows.push(`| ${row.join(' | ')} |`)
  }
  console.log(
    [
      '',
      '| defence switched off | fault | with it | without it |',
      '| --- | --- | --- | --- |',
      ...rows,
    ].join('\n'),
  )
  return isClean
}

/** Which invariants failed, with their numbers. */
function failed({ findings: { numbers }, injected, unaskedStops }: RoundResult): string {
  const minor = Object.values(numbers.money).reduce((sum, one) => sum + Math.abs(one), 0)
  const counts: [string, number][] = [
    ['I1 lost', numbers.lost],
    ['I2 duplicated', numbers.duplicated],
    ['I3 phantom', numbers.phantom],
    ['I4 wrong', numbers.wrong],
    ['I4 minor units', minor],
    ['I5 order', numbers.order],
    ['I6 unaccounted', Math.abs(numbers.unaccounted)],
    ['I7 not recovered', injected.filter(({ failure }) => failure !== null).length],
    ['ended unasked', unaskedStops.length],
  ]
  const told = counts.filter(([, count]) => count > 0).map(([name, count]) => `${name} ${count}`)
  return told.join(', ') || '0 violations'
}
