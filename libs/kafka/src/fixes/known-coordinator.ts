/**
 * kafkajs asks which broker is the coordinator before each request to it, five times a transaction: of a small transaction's
 * requests that is half. The answer is kept until a request fails or the connection is gone.
 * Mends: kafkajs/src/producer/eosManager. Upstream: no issue known.
 * Source: TransactionManager of Apache Kafka, which keeps its coordinators until a request fails.
 */
import { type CoordinatorOfTransactions, type CreateEosManager, EOS_MANAGER } from './eos-manager.ts'
import { wrapModule } from './replace-module.ts'

const REQUESTS = [
  'initProducerId',
  'addPartitionsToTxn',
  'addOffsetsToTxn',
  'txnOffsetCommit',
  'endTxn',
] as const

wrapModule<CreateEosManager>(EOS_MANAGER, (create) => (options) => {
  const known = new Map<string, CoordinatorOfTransactions>()
  const { cluster } = options
  const remembering = Object.assign(Object.create(cluster) as typeof cluster, {
    async findGroupCoordinator(group: { groupId: string; coordinatorType: number }) {
      const key = `${group.coordinatorType} ${group.groupId}`
      const before = known.get(key)
      if (before?.isConnected()) return before
      const found = forgottenOnFailure(await cluster.findGroupCoordinator(group), () => known.delete(key))
      known.set(key, found)
      return found
    },
  })
  return create({ ...options, cluster: remembering })
})

function forgottenOnFailure(
  coordinator: CoordinatorOfTransactions,
  forget: () => void,
): CoordinatorOfTransactions {
  const watched = Object.create(coordinator) as CoordinatorOfTransactions
  for (const request of REQUESTS) {
    watched[request] = async (payload) => {
      try {
        return await coordinator[request](payload)
      } catch (error) {
        // One that is busy knows the transaction.
        if ((error as { type?: string }).type !== 'CONCURRENT_TRANSACTIONS') forget()
        throw error
      }
    }
  }
  return watched
}
