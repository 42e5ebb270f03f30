import type { Bench } from '../bench.ts'
import { Join } from '../join/join.ts'
import { joinContender } from '../join/rate.ts'
import { backhaul } from '../reconcilers/backhaul.ts'
import { several } from '../reconcilers/several.ts'

const INSTANCES = [1, 2, 3]

/** Several instances on one machine. */
export const scale: Bench = {
  name: 'scale',
  compares: 'one, two and three reconcilers that share the partitions, and one core: what sharing costs',
  metric: 'recordsPerSecond',
  better: 'higher',
  alsoCompared: [{ metric: 'cpuMicrosPerRecord', better: 'lower' }],
  goal: 'printed',
  size: { runs: 5, records: 150_000 },
  async prepare(servers, { records }) {
    const join = await Join.prepare(servers, { prefix: 'scale.', rows: records })
    const kind = backhaul(servers, join.settingsUrl)
    const contenders = INSTANCES.map((instances) =>
      joinContender(join, several(kind, instances, `${instances} of them`)),
    )
    return { contenders, close: () => join.close() }
  },
}
