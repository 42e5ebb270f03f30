import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runMutations } from './mutations/run-mutations.ts'
import { eachPlans, longPlans, quickPlan } from './plans.ts'
import { reconcilerMain } from './program.ts'
import { renderReport, reportOf } from './report.ts'
import { type Injected, type Plan, type RoundResult, runRound } from './round.ts'
import { FOLDER, startServers } from './stage/servers.ts'

// npm run faults -- --quick | --long | --each | --mutate [--seed n] [--count n] [--round n] [--only words]
const LONG_COUNT = 500

const given = options()
const seed = Number(given.seed)
const count = Number(given.count)

// What is broken on purpose may reject where nobody waits any more; it must not end the run.
process.on('unhandledRejection', (error) => console.log(`  (left behind: ${error})`))

const servers = await startServers()
let isClean = false
try {
  isClean = given.mutate ? await runMutations(servers, seed, given.only) : await play(plansGiven())
} finally {
  await servers.stop()
}
process.exit(isClean ? 0 : 1)

function plansGiven(): Plan[] {
  if (given.long) {
    const plans = longPlans(seed, count)
    return given.round === undefined ? plans : plans.slice(Number(given.round), Number(given.round) + 1)
  }
  return given.each || given.only ? eachPlans(seed, given.only) : [quickPlan(seed)]
}

async function play(plans: readonly Plan[]): Promise<boolean> {
  const rounds: RoundResult[] = []
  const began = performance.now()
  const first = Number(given.round ?? 0)
  for (const [at, plan] of plans.entries()) {
    const { faults, brokers, seats } = plan
    const minutes = ((performance.now() - began) / 60_000).toFixed(1)
    console.log(
      `Round ${first + at}: seed ${plan.seed}, ${faults.length} faults, ${brokers} broker(s), ${seats} seats; ${minutes} min`,
    )
    const round = await runRound({ ...plan, servers, main: reconcilerMain(), tell })
    rounds.push(round)
    if (plans[at + 1]?.brokers !== brokers) await servers.end(brokers)
    for (const violation of round.violations.slice(0, 3)) console.log(`  ✗ ${violation}`)
    if (round.violations.length > 0 && given.long)
      console.log(`  repeat: npm run faults -- --long --seed ${seed} --count ${count} --round ${first + at}`)
  }
  const seconds = (performance.now() - began) / 1000
  console.log(renderReport(rounds, seconds))
  writeFileSync(join(FOLDER, 'report.json'), JSON.stringify(reportOf(rounds, seconds), null, 2))
  return rounds.every(({ violations }) => violations.length === 0)
}

function tell({ name, recoverySeconds, failure }: Injected): void {
  console.log(`  ${failure ? '✗' : '✓'} ${name}: ${failure ?? `${recoverySeconds?.toFixed(1)} s`}`)
}

/** What the command line says; what it does not know ends the program with one sentence. */
function options() {
  try {
    return parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        long: { type: 'boolean', default: false },
        /** Every fault of the catalogue once. */
        each: { type: 'boolean', default: false },
        mutate: { type: 'boolean', default: false },
        seed: { type: 'string', default: '1' },
        /** Faults of a long run. */
        count: { type: 'string', default: String(LONG_COUNT) },
        /** Only this round of a long run: to repeat one that failed. */
        round: { type: 'string' },
        /** Only faults, or mutations, whose name holds these words. */
        only: { type: 'string', default: '' },
      },
    }).values
  } catch (error) {
    const [said] = (error as Error).message.split('. ')
    console.error(
      `${said}: say npm run faults -- --quick | --long | --each | --mutate [--seed n] [--count n] [--round n] [--only words]`,
    )
    process.exit(1)
  }
}
