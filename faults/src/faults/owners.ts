import { setTimeout as sleep } from 'node:timers/promises'
import { BEYOND_SESSION_MS } from '../stage/stage.ts'
import type { Fault } from './fault.ts'

/** A heartbeat's answer that says all is well. Source: Kafka protocol guide, Heartbeat versions 1 to 3: throttle time, error code. */
const ALL_IS_WELL = Buffer.alloc(6)

/** SIGSTOP until the group has given its partitions to the other, then SIGCONT. */
export const zombie: Fault = {
  name: 'zombie: SIGSTOP beyond the session, then CONT',
  kind: 'zombie',
  breaks: 'one',
  async run(_, one) {
    one.freeze()
    await sleep(BEYOND_SESSION_MS)
    one.thaw()
  },
}

/** The owner is frozen while its commit stands before the broker; its successor works on; then the commit arrives. */
export const twoOwners: Fault = {
  name: 'two owners: the frozen one commits after its successor',
  kind: 'two owners',
  breaks: 'one',
  async run(_, one) {
    await one.proxy.trap({ api: 'EndTxn', side: 'request' }, async () => {
      one.freeze()
      await sleep(BEYOND_SESSION_MS)
      return { kind: 'pass' }
    })
    one.thaw()
  },
}

/** One hears all the time that its seat is safe, while the group has given its partitions away: both work on them. */
export const twoAtWork: Fault = {
  name: 'two owners: both work, one deaf to the group',
  kind: 'two owners',
  breaks: 'one',
  async run(_, one) {
    const untilCleared = Number.POSITIVE_INFINITY
    const answer = () => ({ kind: 'reply', body: ALL_IS_WELL }) as const
    void one.proxy.trap({ api: 'Heartbeat', side: 'request' }, answer, untilCleared)
    await sleep(BEYOND_SESSION_MS)
    await one.proxy.clear()
  },
}

/** A third instance joins and leaves again and again. */
export const rebalanceStorm: Fault = {
  name: 'rebalance storm: a third instance joins and leaves',
  kind: 'rebalance',
  breaks: 'all',
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
  breaks: 'all',
  async run({ pair }) {
    for (const one of pair) {
      await one.stop()
      await one.start()
      await one.ready()
    }
  },
}
