import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join as joinPath } from 'node:path'
import type { Bench } from '../bench.ts'
import { Join } from '../join/join.ts'
import { type CpuProfile, type StackTime, stackTimes } from '../profile/cpu-profile.ts'
import { sharesOf, topFunctions } from '../profile/shares.ts'
import { backhaul } from '../reconcilers/backhaul.ts'
import { BENCH_FOLDER } from '../servers.ts'

const FOLDER = joinPath(BENCH_FOLDER, 'profile')
/** Share of the profile's time that is left out: starting, and the warming up of compilers. */
const WARM_UP = 0.3
const TOP_FUNCTIONS = 25

/** What the reconciler spends its time on. */
export const profile: Bench = {
  name: 'profile',
  compares: 'what the reconciler spends its processor time on, in percent, the first 30 % left out',
  metric: 'outside',
  better: 'lower',
  goal: 'outside decode, join, encode and I/O ≤ 15 %',
  size: { runs: 1, records: 400_000 },
  async prepare(servers, { records }) {
    const join = await Join.prepare(servers, { prefix: 'profile.', rows: records })
    const kind = backhaul(servers, join.settingsUrl, { node: ['--cpu-prof', `--cpu-prof-dir=${FOLDER}`] })
    let times: readonly StackTime[] = []
    return {
      contenders: [
        {
          name: 'backhaul',
          async run() {
            rmSync(FOLDER, { recursive: true, force: true })
            await join.run(kind)
            times = stackTimes(readProfile(), WARM_UP)
            const shares = sharesOf(times)
            return { outside: shares.gc + shares.other, ...shares }
          },
        },
      ],
      note: () => topFunctions(times, TOP_FUNCTIONS).join('\n'),
      close: () => join.close(),
    }
  },
}

/** Node writes it when the process ends. */
function readProfile(): CpuProfile {
  const file = readdirSync(FOLDER).find((name) => name.endsWith('.cpuprofile'))
  if (!file) throw new Error(`The reconciler left no profile in ${FOLDER}`)
  return JSON.parse(readFileSync(joinPath(FOLDER, file), 'utf8')) as CpuProfile
}
