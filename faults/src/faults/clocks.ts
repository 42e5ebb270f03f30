import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from './fault.ts'

const HOUR_MS = 3_600_000
/** So that it works with the new time for a while. */
const AT_WORK_MS = 1_500

/** The wall clock of an instance is set while it works, and stays so: the others, and the brokers, have another time. */
export const clockJump = (hours: 1 | -1): Fault => ({
  name: `the clock jumps by ${hours > 0 ? '+' : '−'}1 h`,
  kind: 'clock',
  breaks: 'one',
  async run(_, one) {
    one.jump(hours * HOUR_MS)
    await sleep(AT_WORK_MS)
  },
})
