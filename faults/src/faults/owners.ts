import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from './fault.ts'

/** Beyond the session time-out of 11 s that the stage sets: the group has given the partitions away. */
const BEYOND_SESSION_MS = 13_000

/** SIGSTOP until the group has given its partitions to the other, then SIGCONT. */
export const zombie: Fault = {
  name: 'zombie: SIGSTOP beyond the session, then CONT',
  kind: 'zombie',
  async run({ pair, random }) {
    const one = random.pick(pair)
    one.freeze()
    await sleep(BEYOND_SESSION_MS)
    one.thaw()
  },
}

/** The owner is frozen while its commit stands before the broker; its successor works on; then the commit arrives. */
export const twoOwners: Fault = {
  name: 'two owners: the frozen one commits after its successor',
  kind: 'two owners',
  async run({ pair, random }) {
    const one = random.pick(pair)
    await one.proxy.trap({ api: 'EndTxn', side: 'request' }, async () => {
      one.freeze()
      await sleep(BEYOND_SESSION_MS)
      return { kind: 'pass' }
    })
    one.thaw()
  },
}

/** A third instance joins and leaves again and again. */
export const rebalanceStorm: Fault = {
  name: 'rebalance storm: a third instance joins and leaves',
  kind: 'rebalance',
  async run({ guest }) {
    for (let times = 0; times < 3; times++) {
      await guest.start()
      await guest.ready()
      await guest.stop()
    }
  },
}

/** Both are restarted one after the other, as a rolling deploy does. */
export const rollingRestart: Fault = {
  name: 'rolling restart',
  kind: 'rebalance',
  async run({ pair }) {
    for (const one of pair) {
      await one.stop()
      await one.start()
      await one.ready()
    }
  },
}
