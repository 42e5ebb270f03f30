import { setTimeout as sleep } from 'node:timers/promises'
import { isRetryable } from '@backhaul/domain'
import { openRateBudget } from '../src/index.ts'
import { NO_EVENTS } from './budget.ts'

/** A process that asks for calls of one seller, many at a time, until it is ended. */
const { url, sellerId, rate, burst } = JSON.parse(process.argv[2] as string)
const budget = await openRateBudget({
  ...{ url, application: 'test', events: NO_EVENTS },
  plans: { createReport: { rate, burst } },
})
console.log('asking')
await Promise.all(
  Array.from({ length: 6 }, async (_, n) => {
    for (;;) {
      const call = { sellerId, operation: 'createReport', reportType: 'RETURNS', priority: 'live' as const }
      const turn = await budget.ask({ ...call, ticket: `${process.pid}-${n}` }).catch((error) => {
        if (isRetryable(error)) return { granted: false, askAgainMs: 100 } as const
        throw error
      })
      if (!turn.granted) await sleep(turn.askAgainMs)
    }
  }),
)
