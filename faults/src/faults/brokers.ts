import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from './fault.ts'

const DOWN_MS = 500
const FROZEN_MS = 4_000

/** With several brokers, one of them, by chance. */
export const brokerKilled: Fault = {
  name: 'broker kill -9 and restart',
  kind: 'broker',
  breaks: 'all',
  async run({ cluster, random }) {
    const broker = random.pick(cluster.brokers)
    await broker.kill()
    await sleep(DOWN_MS)
    await broker.start()
  },
}

export const brokerRestarted: Fault = {
  name: 'broker stopped and started',
  kind: 'broker',
  breaks: 'all',
  async run({ cluster, random }) {
    const broker = random.pick(cluster.brokers)
    await broker.stop()
    await broker.start()
  },
}

/** It answers nobody for a while, as with a disk that hangs. */
export const brokerFrozen: Fault = {
  name: 'broker frozen for seconds',
  kind: 'broker',
  breaks: 'all',
  async run({ cluster, random }) {
    const broker = random.pick(cluster.brokers)
    broker.freeze()
    await sleep(FROZEN_MS)
    broker.thaw()
  },
}
