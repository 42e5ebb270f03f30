import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiName } from '../proxy/frames.ts'
import type { ProtocolPoint } from '../proxy/kafka-proxy.ts'
import type { Fault } from './fault.ts'

const SLOW_FOR_MS = 3_000
const SLOW_BY_MS = 250
const BROKER_DOWN_MS = 1_000

/** The connection is cut in place of a message: of a request, the broker never heard; of an answer, the client. */
export const lost = (point: ProtocolPoint): Fault => ({
  name: `lost ${point.api} ${point.side}`,
  kind: 'network',
  async run({ pair, random }) {
    await random.pick(pair).proxy.trap(point, () => ({ kind: 'cut' }))
  },
})

/** The client gives a commit up for lost; the broker hears of it when the successor is at `until`. */
export const lateCommit = (until: ApiName): Fault => ({
  name: `late EndTxn: it arrives before the successor's ${until}`,
  kind: 'network',
  async run({ pair, random }) {
    await random.pick(pair).proxy.trap({ api: 'EndTxn', side: 'request' }, () => ({ kind: 'late', until }))
  },
})

export const slowAnswers: Fault = {
  name: `answers late by ${SLOW_BY_MS} ms`,
  kind: 'network',
  async run({ pair }) {
    for (const { proxy } of pair) proxy.delayMs = SLOW_BY_MS
    await sleep(SLOW_FOR_MS)
    for (const { proxy } of pair) proxy.delayMs = 0
  },
}

export const allCut: Fault = {
  name: 'all connections cut',
  kind: 'network',
  async run({ pair }) {
    for (const { proxy } of pair) proxy.cut()
  },
}

export const brokerKilled: Fault = {
  name: 'broker kill -9 and restart',
  kind: 'broker',
  async run({ servers }) {
    await servers.broker.kill()
    await sleep(BROKER_DOWN_MS)
    await servers.broker.start()
  },
}

export const brokerRestarted: Fault = {
  name: 'broker stopped and started',
  kind: 'broker',
  async run({ servers }) {
    await servers.broker.stop()
    await servers.broker.start()
  },
}
