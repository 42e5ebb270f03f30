import { setTimeout as sleep } from 'node:timers/promises'
import type { ProtocolPoint } from '../proxy/kafka-proxy.ts'
import type { Fault } from './fault.ts'

const LATEST_RANDOM_KILL_MS = 1_500

/** kill -9 while a message stands at a point of the protocol: it is not delivered any more. */
export const killAt = (point: ProtocolPoint): Fault => ({
  name: `kill -9 at ${point.api} ${point.side}`,
  kind: 'kill',
  breaks: 'one',
  async run(_, one) {
    await one.proxy.trap(point, async () => {
      await one.kill()
      return { kind: 'cut' }
    })
    await one.start()
  },
})

/** kill -9 while it starts: it is stopped, and started with the trap set. */
export const killAtStart = (point: ProtocolPoint): Fault => ({
  name: `kill -9 at ${point.api} ${point.side} of its start`,
  kind: 'kill',
  breaks: 'one',
  async run(_, one) {
    await one.stop()
    const killed = one.proxy.trap(point, async () => {
      await one.kill()
      return { kind: 'cut' }
    })
    await one.start()
    await killed
    await one.start()
  },
})

export const killAtRandom: Fault = {
  name: 'kill -9 at random',
  kind: 'kill',
  breaks: 'one',
  async run({ random }, one) {
    await sleep(random.below(LATEST_RANDOM_KILL_MS))
    await one.kill()
    await one.start()
  },
}

export const killBoth: Fault = {
  name: 'kill -9 of both',
  kind: 'kill',
  breaks: 'all',
  async run({ pair, random }) {
    await sleep(random.below(LATEST_RANDOM_KILL_MS))
    await Promise.all(pair.map((one) => one.kill()))
    await Promise.all(pair.map((one) => one.start()))
  },
}
