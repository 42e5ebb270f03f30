import { join } from 'node:path'
import { faultNamed } from '../faults/catalogue.ts'
import { reconcilerMain } from '../program.ts'
import { type RoundResult, runRound } from '../round.ts'
import type { Servers } from '../stage/servers.ts'
import { mutatedCheckout } from './mutated-checkout.ts'
import { mutations } from './mutations.ts'

/**
 * Runs each mutated reconciler under its faults, and the checkout's own under all of these. Prints a Markdown table.
 *
 * @param only Only mutations whose name holds these words.
 * @returns True when every mutation made an invariant fail, and nothing failed without one.
 */
export async function runMutations(servers: Servers, seed: number, only: string): Promise<boolean> {
  const wanted = mutations.filter(({ name }) => name.includes(only))
  const stage = { servers, seed, brokers: 1, seats: 'static' } as const
  const names = new Set(wanted.flatMap(({ faults }) => faults))
  const whole = await runRound({ ...stage, faults: [...names].map(faultNamed), main: reconcilerMain() })
  console.log(`with all defences: ${failed(whole)}; first: ${whole.violations[0] ?? 'none'}`)
  const rows: string[] = []
  const blind: string[] = []
  for (const mutation of wanted) {
    const checkout = join(servers.folder, 'mutated')
    mutatedCheckout(mutation, checkout)
    const faults = mutation.faults.map(faultNamed)
    const mutated = await runRound({ ...stage, faults, main: reconcilerMain(checkout) })
    console.log(`${mutation.name}: ${failed(mutated)}; first: ${mutated.violations[0] ?? 'none'}`)
    // One that does not even start has shown nothing.
    if (mutated.violations.length === 0 || mutated.injected.length === 0) blind.push(mutation.name)
    rows.push(`| ${mutation.name} | ${mutation.faults.join('; ')} | ${failed(mutated)} |`)
  }
  const head = ['| defence switched off | fault | what fails |', '| --- | --- | --- |']
  const none = `| none | all of these | ${failed(whole)} |`
  console.log(['', ...head, none, ...rows].join('\n'))
  if (blind.length > 0) console.log(`Nothing noticed: ${blind.join(', ')}`)
  return blind.length === 0 && whole.violations.length === 0
}

/** Which invariants failed, with their numbers. */
function failed({ findings: { numbers }, injected, unaskedStops, violations }: RoundResult): string {
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
  return told.join(', ') || `${violations.length} violations`
}
