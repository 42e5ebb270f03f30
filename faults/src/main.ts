import { parseArgs } from 'node:util'
import { longFaults, quickFaults } from './faults/catalogue.ts'
import { runMutations } from './mutations/run-mutations.ts'
import { reconcilerMain } from './program.ts'
import { Random } from './random.ts'
import { renderReport } from './report.ts'
import { type Injected, type RoundResult, runRound } from './round.ts'
import { startServers } from './stage/servers.ts'

// npm run faults -- --quick | --long | --mutate [--seed n] [--count n] [--only words]
const FAULTS_PER_ROUND = 25
const LONG_COUNT = 500

const given = options()
const seed = Number(given.seed)
const tell = ({ name, recoverySeconds, failure }: Injected) =>
  console.log(`  ${failure ? '✗' : '✓'} ${name}: ${failure ?? `${recoverySeconds?.toFixed(1)} s`}`)

const servers = await startServers()
let isClean: boolean
try {
  isClean = given.mutate ? await runMutations(servers, seed, given.only) : await runFaults()
} finally {
  await servers.stop()
}
process.exit(isClean ? 0 : 1)

async function runFaults(): Promise<boolean> {
  const all = given.long ? longFaults(new Random(seed), Number(given.count)) : quickFaults
  const faults = all.filter(({ name }) => name.includes(given.only))
  const rounds: RoundResult[] = []
  for (let at = 0; at < faults.length; at += FAULTS_PER_ROUND) {
    const roundSeed = seed + at
    console.log(`Round with seed ${roundSeed}`)
    const ofRound = faults.slice(at, at + FAULTS_PER_ROUND)
    const round = await runRound({ servers, seed: roundSeed, faults: ofRound, main: reconcilerMain(), tell })
    rounds.push(round)
    if (faults.length > FAULTS_PER_ROUND) console.log(renderReport([round]))
  }
  console.log(renderReport(rounds))
  return rounds.every(({ violations }) => violations.length === 0)
}

/** What the command line says; what it does not know ends the program with one sentence. */
function options() {
  try {
    return parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        long: { type: 'boolean', default: false },
        mutate: { type: 'boolean', default: false },
        seed: { type: 'string', default: '1' },
        count: { type: 'string', default: String(LONG_COUNT) },
        /** Only faults, or mutations, whose name holds these words. */
        only: { type: 'string', default: '' },
      },
    }).values
  } catch (error) {
    const [said] = (error as Error).message.split('. ')
    console.error(
      `${said}: say npm run faults -- --quick | --long | --mutate [--seed n] [--count n] [--only words]`,
    )
    process.exit(1)
  }
}
