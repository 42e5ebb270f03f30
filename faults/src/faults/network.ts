import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiName } from '../proxy/frames.ts'
import type { ProtocolPoint } from '../proxy/kafka-proxy.ts'
import type { Fault } from './fault.ts'

const SLOW_FOR_MS = 2_000
const SLOW_BY_MS = 250

/** The connection is cut in place of a message: of a request, the broker never heard; of an answer, the client. */
export const lost = (point: ProtocolPoint): Fault => ({
  name: `lost ${point.api} ${point.side}`,
  kind: 'network',
  breaks: 'one',
  run: (_, { proxy }) => proxy.trap(point, () => ({ kind: 'cut' })),
})

/** The client gives a commit up for lost; the broker hears of it when the successor is at `until`. */
export const lateCommit = (until: ApiName): Fault => ({
  name: `late EndTxn: it arrives before the successor's ${until}`,
  kind: 'network',
  breaks: 'one',
  run: (_, { proxy }) => proxy.trap({ api: 'EndTxn', side: 'request' }, () => ({ kind: 'late', until })),
})

export const slowAnswers: Fault = {
  name: `answers late by ${SLOW_BY_MS} ms`,
  kind: 'network',
  breaks: 'one',
  async run(_, { proxy }) {
    proxy.delayMs = SLOW_BY_MS
    await sleep(SLOW_FOR_MS)
    proxy.delayMs = 0
  },
}

export const allCut: Fault = {
  name: 'all connections cut',
  kind: 'network',
  breaks: 'all',
  async run({ pair }) {
    for (const { proxy } of pair) proxy.cut()
  },
}
