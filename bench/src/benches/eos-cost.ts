import { join as joinPath } from 'node:path'
import { ROOT } from '@backhaul/local'
import type { Bench } from '../bench.ts'
import { Join } from '../join/join.ts'
import { joinContender } from '../join/rate.ts'
import { backhaul } from '../reconcilers/backhaul.ts'

const AT_LEAST_ONCE = joinPath(ROOT, 'bench', 'src', 'reconcilers', 'at-least-once.ts')

/** What the promise costs. */
export const eosCost: Bench = {
  name: 'eos-cost',
  compares:
    'the reconciler exactly once with itself at least once: an idempotent producer, then the offsets, both at commits of 100 ms',
  metric: 'recordsPerSecond',
  better: 'higher',
  alsoCompared: [{ metric: 'cpuMicrosPerRecord', better: 'lower' }],
  goal: '≥ 0.8×',
  size: { runs: 5, records: 200_000 },
  async prepare(servers, { records }) {
    const join = await Join.prepare(servers, { prefix: 'eos-cost.', rows: records })
    const kinds = [
      backhaul(servers, join.settingsUrl),
      backhaul(servers, join.settingsUrl, { name: 'at-least-once', main: AT_LEAST_ONCE }),
    ]
    return { contenders: kinds.map((kind) => joinContender(join, kind)), close: () => join.close() }
  },
}
