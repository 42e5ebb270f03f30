import { catalogue, drawn, quickFaults } from './faults/catalogue.ts'
import type { Fault } from './faults/fault.ts'
import { Random } from './random.ts'
import type { Plan } from './round.ts'

const FAULTS_PER_ROUND = 25
/** Of five rounds, one is on three brokers, and one of the others with seats that a restart loses. */
const ROUNDS_TOGETHER = 5

/** The short run: static seats, one broker. */
export const quickPlan = (seed: number): Plan => ({ seed, faults: quickFaults, brokers: 1, seats: 'static' })

/** Rounds of a long run. The same seed and count give the same rounds. */
export function longPlans(seed: number, count: number): Plan[] {
  const rounds = Math.ceil(count / FAULTS_PER_ROUND)
  // Those on three brokers come last: the machine has to carry these no longer than it must.
  const firstOnThree = rounds - Math.floor(rounds / ROUNDS_TOGETHER)
  const pools = new Map<string, Fault[]>()
  return Array.from({ length: rounds }, (_, at): Plan => {
    const brokers = at < firstOnThree ? 1 : 3
    const seats = at % ROUNDS_TOGETHER === 1 ? 'dynamic' : 'static'
    const name = `${brokers} ${seats}`
    const pool = pools.get(name) ?? drawn(new Random(seed + pools.size), { brokers, seats }, count)
    pools.set(name, pool)
    const size = Math.min(FAULTS_PER_ROUND, count - at * FAULTS_PER_ROUND)
    return { seed: seed * 1_000 + at, faults: pool.splice(0, size), brokers, seats }
  })
}

/** Every fault once, or only those whose name holds the words, on the stage that each is made for. */
export function eachPlans(seed: number, only: string): Plan[] {
  const wanted = catalogue.filter(({ name }) => name.includes(only))
  const plan = (faults: Fault[], at: number, brokers: 1 | 3): Plan[] =>
    faults.length === 0 ? [] : [{ seed: seed * 1_000 + at, faults, brokers, seats: 'static' }]
  return [
    ...plan(
      wanted.filter(({ brokers }) => brokers !== 3),
      0,
      1,
    ),
    ...plan(
      wanted.filter(({ brokers }) => brokers === 3),
      1,
      3,
    ),
  ]
}
