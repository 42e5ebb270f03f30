/**
 * The broker answers a commit before it has written the markers. What begins the next transaction meanwhile gets
 * CONCURRENT_TRANSACTIONS: nothing was done, ask again soon. kafkajs waits as long as after an outage before it sends
 * records again, and gives up on offsets. Mends: kafkajs/src/producer/eosManager.
 * Source: TransactionManager of Apache Kafka, which asks again after 20 ms..
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type CreateEosManager, EOS_MANAGER } from './eos-manager.ts'
import { wrapModule } from './replace-module.ts'

/** Markers take 2 ms as a rule. */
const FIRST_PAUSE_MS = 1
const LONGEST_PAUSE_MS = 20
/** Well within the time of a transaction. */
const LONGEST_WAIT_MS = 2_000

wrapModule<CreateEosManager>(EOS_MANAGER, (create) => (options) => {
  const stock = create(options)
  return {
    ...stock,
    addPartitionsToTransaction: (topicData) =>
      afterMarkers(() => stock.addPartitionsToTransaction(topicData)),
    sendOffsets: (offsets) => afterMarkers(() => stock.sendOffsets(offsets)),
  }
})

/** Calls again while the markers of the transaction before are written. */
export async function afterMarkers<T>(call: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + LONGEST_WAIT_MS
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await call()
    } catch (error) {
      const { type } = error as { type?: string }
      if (type !== 'CONCURRENT_TRANSACTIONS' || performance.now() > deadline) throw error
      await sleep(pauseMs)
    }
  }
}
